//! A thread with sockets: it serves until its handle is dropped.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

/// Only an answer that is just being computed can keep a thread this long.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(2);

/// Closes the connection without an answer.
#[derive(Debug)]
pub struct CloseConnection;

impl std::fmt::Display for CloseConnection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection is closed without an answer")
    }
}

impl std::error::Error for CloseConnection {}

/// Sockets that are being served. Dropped, it closes them all and waits for the thread.
pub struct Listening {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// What serves each socket and its connections.
    sockets: Vec<AbortHandle>,
}

impl Listening {
    /// Closes one socket and its connections, and waits until that is so.
    pub fn close(&self, place: usize) {
        let Some(socket) = self.sockets.get(place) else { return };
        socket.abort();
        let end = Instant::now() + LONGEST_SHUTDOWN;
        while !socket.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed already.
            let _ = thread.join();
        }
    }
}

/// A socket on loopback; port 0 picks a free one.
pub fn bind(port: u16) -> Result<(TcpListener, u16), String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("port {port} of 127.0.0.1 is in use: stop what uses it, or choose another with --port.")
        }
        _ => format!("port {port} of 127.0.0.1 cannot be opened: {error}"),
    })?;
    listener.set_nonblocking(true).map_err(|error| format!("port {port}: {error}"))?;
    let port = listener.local_addr().map_err(|error| format!("port {port}: {error}"))?.port();
    Ok((listener, port))
}

/// Serves every socket; `answer` is told which of them, by its place in the list, a request came to.
pub fn listen<A, F>(listeners: Vec<TcpListener>, answer: A) -> Result<Listening, String>
where
    A: Fn(usize, Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Response<Full<Bytes>>, CloseConnection>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| format!("the server's threads did not start: {error}"))?;
    let (stop, stopped) = oneshot::channel::<()>();
    let answer = Arc::new(answer);
    let sockets = listeners.into_iter().enumerate().map(|(place, listener)| {
        let answer = answer.clone();
        runtime.spawn(accept(listener, move |request| answer(place, request))).abort_handle()
    });
    let sockets = sockets.collect();
    let thread = std::thread::spawn(move || {
        // An error means that the handle was dropped, which is the signal.
        let _ = runtime.block_on(stopped);
        // Requests that are still under way end here, and whoever waits for the thread finds the sockets closed.
        runtime.shutdown_timeout(LONGEST_SHUTDOWN);
    });
    Ok(Listening { stop: Some(stop), thread: Some(thread), sockets })
}

async fn accept<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Full<Bytes>>, CloseConnection>> + Send + 'static,
{
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("a socket could not be served: {error}");
            return;
        }
    };
    // They end with the socket.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: give others the time to close.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = service_fn(answer.clone());
        connections.spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            // Browsers close connections as they like, and faults do so on purpose.
            let _ = connection.await;
        });
    }
}
