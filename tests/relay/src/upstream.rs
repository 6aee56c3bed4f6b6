//! Somebody behind the relay who says one thing to everybody, and keeps what was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The first line.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

/// A server on loopback, until the test ends.
pub struct Upstream {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Upstream {
    /// One that gives this answer to each request, word by word.
    pub fn answering(answer: &str) -> Upstream {
        let answer = answer.to_owned();
        Upstream::answering_each(move |_| answer.clone())
    }

    /// One whose answer depends on the request.
    pub fn answering_each(answer: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Upstream {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let port = serve(move |mut stream| {
            if let Some(request) = read(&stream) {
                let answer = answer(&request);
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                // The relay may have gone.
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Upstream { port, asked }
    }

    /// One that does with a connection what it is told to.
    pub fn doing(work: impl Fn(TcpStream) + Send + Sync + 'static) -> Upstream {
        Upstream { port: serve(work), asked: Arc::default() }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.authority())
    }

    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last that was asked.
    ///
    /// # Panics
    /// Where nothing was.
    pub fn last(&self) -> Asked {
        self.asked().pop().expect("something was asked")
    }
}

fn serve(work: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it has an address").port();
    let work = Arc::new(work);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
            let work = Arc::clone(&work);
            thread::spawn(move || work(stream));
        }
    });
    port
}

/// One request with its body, however long that said it would be.
fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let of = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let mut body = Vec::new();
    if let Some(length) = of("content-length").and_then(|length| length.parse().ok()) {
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
    } else if of("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim_end(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }
    Some(Asked { line: line.trim_end().to_owned(), headers, body })
}
