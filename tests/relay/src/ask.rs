//! Requests as bytes: what a browser would never send too.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A request, to be sent just as it is written.
pub struct Ask {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    pub fn get(target: &str) -> Ask {
        Ask::new("GET", target)
    }

    pub fn post(target: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Ask {
        Ask { body: body.into(), ..Ask::new("POST", target).header("Content-Type", content_type) }
    }

    pub fn form(target: &str, body: &str) -> Ask {
        Ask::post(target, "application/x-www-form-urlencoded", body)
    }

    pub fn new(method: &str, target: &str) -> Ask {
        Ask::line(&format!("{method} {target} HTTP/1.1"))
    }

    /// The whole first line.
    pub fn line(line: &str) -> Ask {
        Ask { line: line.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Ask {
        Ask { body: body.into(), ..self }
    }

    pub fn bearer(self, token: &str) -> Ask {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Everything up to the body, whose length is told unless a header says how it comes.
    pub fn head(&self, authority: &str) -> String {
        let has = |wanted: &str| self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let mut head = format!("{}\r\n", self.line);
        if !has("host") {
            head += &format!("Host: {authority}\r\n");
        }
        if !has("transfer-encoding") && !has("content-length") && !self.body.is_empty() {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head + "Connection: close\r\n\r\n"
    }

    /// Sends it, and reads the answer to its end.
    ///
    /// # Panics
    /// Where there is no answer that can be read.
    pub fn of(&self, authority: &str) -> Answer {
        let mut stream = connect(authority);
        stream.write_all(self.head(authority).as_bytes()).expect("the head can be sent");
        // Whoever refuses a request may close before all of it was sent.
        let _ = stream.write_all(&self.body);
        Answer::read(&mut stream)
    }
}

/// Opens a connection on which a test does not hang.
pub(crate) fn connect(authority: &str) -> TcpStream {
    let stream = TcpStream::connect(authority).expect("somebody listens there");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time can be set");
    stream
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads all there is on a connection.
    ///
    /// # Panics
    /// Where that is no answer.
    pub fn read(stream: &mut TcpStream) -> Answer {
        let mut bytes = Vec::new();
        if let Err(error) = stream.read_to_end(&mut bytes) {
            // A reset after the answer: not all of the request was read.
            assert!(!bytes.is_empty(), "no answer: {error}");
        }
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
            panic!("no answer can be read in {:?}", String::from_utf8_lossy(&bytes));
        });
        let body = bytes.split_off(end + 4);
        let head = String::from_utf8_lossy(&bytes).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked { unchunked(&body) } else { body };
        Answer { status: status.expect("an answer has a status"), headers, body }
    }

    /// The value of a header that is there once at most.
    ///
    /// # Panics
    /// Where it is there twice.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str());
        let first = found.next();
        assert_eq!(found.next(), None, "a second {name}");
        first
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size =
            std::str::from_utf8(&bytes[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| *size > 0 && end + 4 + size <= bytes.len()) else { break };
        body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
    body
}
