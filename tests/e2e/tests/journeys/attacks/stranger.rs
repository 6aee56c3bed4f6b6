//! An origin that the page has nothing to do with. It writes down whatever comes, and lets everybody in.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What it answers to everything: a script, a style sheet, a page and JSON at once, for any page to read.
const ANSWER: &str = "globalThis.attacked?.('a script of a stranger');//<h1>Somewhere else</h1>";

/// Listens until the end of the test.
pub struct Stranger {
    origin: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stranger {
    pub fn start() -> Stranger {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let list = Arc::clone(&list);
                thread::spawn(move || answer(stream, &list));
            }
        });
        Stranger { origin, heard }
    }

    /// `http://127.0.0.1:4321`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Everything that came, each with its head and what of its body came along. A connection without a word is none.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Whether somebody asked for a path that begins so.
    pub fn was_asked(&self, path: &str) -> bool {
        self.heard().iter().any(|text| text.split(' ').nth(1).is_some_and(|asked| asked.starts_with(path)))
    }
}

fn answer(mut stream: TcpStream, heard: &Mutex<Vec<String>>) {
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(length) => text.extend_from_slice(&piece[..length]),
        }
    }
    if text.is_empty() {
        return;
    }
    heard.lock().unwrap().push(String::from_utf8_lossy(&text).into_owned());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: {}\r\nConnection: close\r\n\
         Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *, authorization\r\n\
         Access-Control-Allow-Methods: *\r\nAccess-Control-Allow-Private-Network: true\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    match stream.write_all(head.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("a stranger could not answer: {error}");
        }
        _ => {}
    }
}
