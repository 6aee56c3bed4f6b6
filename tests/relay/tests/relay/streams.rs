//! Large bodies pass as they come: nothing piles up here.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use azimuth_relay::{Answer, Ask, Relay, Tables, Upstream};

const MEGABYTE: usize = 1 << 20;
/// What a project may have, with the form around it.
const PROJECT: usize = 300 * MEGABYTE;
/// More than sockets keep on their own, and far less than a project.
const WHAT_SOCKETS_KEEP: usize = 40 * MEGABYTE;
/// In kB. A worker that had nothing to do before needs some, whatever it hands on.
const A_LITTLE: u64 = 16 * 1024;
const TARGET: &str = "/relay/eastus/api/execution/v1.0/x/startrun";

/// What the workers have once each of them had something to do, in kB.
fn memory_at_work(relay: &Relay) -> u64 {
    for _ in 0..50 {
        Ask::get("/relay/eastus/aether/api/v1.0/x").of(&relay.authority());
    }
    relay.most_memory()
}

/// Sends until nobody takes any more for a second, or until it is all sent.
fn send_until_it_stops(stream: &mut TcpStream, mut left: usize) -> usize {
    let piece = vec![b'x'; MEGABYTE];
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    while left > 0 {
        match stream.write(&piece[..left.min(MEGABYTE)]) {
            Ok(sent) => left -= sent,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            Err(error) => panic!("{error} with {left} left"),
        }
    }
    stream.set_write_timeout(None).unwrap();
    left
}

#[test]
fn a_project_of_300_mb_passes_through_little_memory_and_no_file() {
    // A service that does not read on until it is told to.
    let (go_on, told) = mpsc::channel::<()>();
    let told = Mutex::new(told);
    let service = Upstream::doing(move |mut stream| {
        if told.lock().unwrap().recv().is_err() {
            return;
        }
        let (mut bytes, mut piece) = (Vec::new(), vec![0; MEGABYTE]);
        let mut count = 0;
        let mut head = None;
        while count < head.map_or(usize::MAX, |head: usize| head + PROJECT) {
            let Ok(length @ 1..) = stream.read(&mut piece) else { break };
            count += length;
            if head.is_none() {
                bytes.extend_from_slice(&piece[..length]);
                head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|end| end + 4);
            }
        }
        let answer = (count - head.unwrap_or_default()).to_string();
        let _ = stream.write_all(
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len()).as_bytes(),
        );
    });
    let other = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let tables = Tables::default().host("eastus api", &service.origin());
    let relay = Relay::start(&tables.host("eastus aether", &other.origin()));
    let before = memory_at_work(&relay);
    let mut stream = TcpStream::connect(relay.authority()).unwrap();
    let head = Ask::new("POST", TARGET)
        .header("Content-Type", "multipart/form-data; boundary=x")
        .header("Content-Length", &PROJECT.to_string())
        .head(&relay.authority());
    stream.write_all(head.as_bytes()).unwrap();

    // As long as the service takes nothing, neither does the relay.
    let left = send_until_it_stops(&mut stream, PROJECT);
    assert!(PROJECT - left < WHAT_SOCKETS_KEEP, "the relay took {} MB", (PROJECT - left) / MEGABYTE);
    assert_eq!(relay.buffers(), Vec::<std::path::PathBuf>::new());

    go_on.send(()).unwrap();
    let piece = vec![b'x'; MEGABYTE];
    let mut left = left;
    while left > 0 {
        stream.write_all(&piece[..left.min(MEGABYTE)]).unwrap();
        left -= left.min(MEGABYTE);
    }
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, answer.text()), (200, PROJECT.to_string()));
    let grown = relay.most_memory().saturating_sub(before);
    eprintln!("300 MB up: {before} kB before, {grown} kB more at most");
    assert!(grown < A_LITTLE, "{grown} kB more than before");
}

#[test]
fn a_log_of_300_mb_waits_with_the_service_until_somebody_reads_it() {
    let sent = Arc::new(Mutex::new(0));
    let count = Arc::clone(&sent);
    let (stopped, stops) = mpsc::channel();
    let stopped = Mutex::new(stopped);
    let service = Upstream::doing(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {PROJECT}\r\n\r\n").as_bytes()).unwrap();
        let left = send_until_it_stops(&mut stream, PROJECT);
        *count.lock().unwrap() = PROJECT - left;
        stopped.lock().unwrap().send(()).unwrap();
        let (piece, mut left) = (vec![b'x'; MEGABYTE], left);
        while left > 0 && stream.write_all(&piece[..left.min(MEGABYTE)]).is_ok() {
            left -= left.min(MEGABYTE);
        }
    });
    let other = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let tables = Tables::default().host("eastus api", &service.origin());
    let relay = Relay::start(&tables.host("eastus aether", &other.origin()));
    let before = memory_at_work(&relay);
    let mut stream = TcpStream::connect(relay.authority()).unwrap();
    let target = "/relay/eastus/api/artifact/v2.0/x/content?path=azureml-logs/70_driver_log.txt";
    stream.write_all(Ask::get(target).head(&relay.authority()).as_bytes()).unwrap();
    stops.recv().unwrap();
    assert!(
        *sent.lock().unwrap() < WHAT_SOCKETS_KEEP,
        "the relay took {} MB",
        *sent.lock().unwrap() / MEGABYTE
    );
    assert_eq!(relay.buffers(), Vec::<std::path::PathBuf>::new());
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, answer.body.len()), (200, PROJECT));
    let grown = relay.most_memory().saturating_sub(before);
    eprintln!("300 MB down: {before} kB before, {grown} kB more at most");
    assert!(grown < A_LITTLE, "{grown} kB more than before");
}

#[test]
fn a_line_of_a_log_arrives_before_the_next_is_written() {
    let (go_on, told) = mpsc::channel::<()>();
    let told = Mutex::new(told);
    let service = Upstream::doing(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst").unwrap();
        let _ = told.lock().unwrap().recv();
        let _ = stream.write_all(b"later");
    });
    let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
    let mut stream = TcpStream::connect(relay.authority()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(Ask::get("/relay/eastus/api/artifact/v2.0/x").head("x").as_bytes()).unwrap();
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    while !bytes.ends_with(b"first") {
        let length = stream.read(&mut piece).expect("what is there is handed on");
        assert_ne!(length, 0, "{}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&piece[..length]);
    }
    go_on.send(()).unwrap();
    stream.read_to_end(&mut bytes).unwrap();
    assert!(bytes.ends_with(b"firstlater"));
}

#[test]
fn what_is_larger_than_any_project_is_refused_before_it_is_sent() {
    let service = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
    let ask = Ask::new("POST", TARGET).header("Content-Length", &(321 * MEGABYTE).to_string());
    assert_eq!(ask.of(&relay.authority()).status, 413);
    assert!(service.asked().is_empty());
}
