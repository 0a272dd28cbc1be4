//! Connections: as many as some browsers need, however many are opened. Without a bound, programs
//! that connect and say nothing would use up the files of the process, and no page would come any
//! more. The only door to hyper, for `axum::serve` has no limits.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{Request, header};
use axum::response::Response;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How many connections an address holds. A browser opens six; some systems grant a process no more
/// than 256 files, and there are two addresses.
const MOST: usize = 100;

/// How long a connection may take to say what it wants, the first time and each time after. A
/// browser connects again without a word.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the head of a request may be, and what is held of it.
const HEAD: usize = 64 * 1024;

/// A connection that is held.
struct Open {
    task: JoinHandle<hyper::Result<()>>,
    /// Whether it is a stream of events: it says nothing for hours, and is no less alive for that.
    listens: Arc<AtomicBool>,
}

/// Answers each request that comes to an address; never returns.
pub(super) async fn accept(
    mut listener: TcpListener,
    answer: impl Fn(&Request<()>) -> Response + Clone + Send + 'static,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(HEAD);
    // The oldest is the first.
    let mut held: VecDeque<Open> = VecDeque::new();
    loop {
        // This one waits by itself while the system has no file for another connection.
        let (stream, _) = Listener::accept(&mut listener).await;
        held.retain(|it| !it.task.is_finished());
        if let Some(Open { task, .. }) = excess(&held).and_then(|at| held.remove(at)) {
            task.abort();
            // Its file is free only when the task is gone.
            let _ = task.await;
        }
        let listens = Arc::new(AtomicBool::new(false));
        let (flag, answer) = (listens.clone(), answer.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let response = answer(&request.map(drop));
            let kind = response.headers().get(header::CONTENT_TYPE);
            flag.store(kind.is_some_and(|it| it == "text/event-stream"), Ordering::Relaxed);
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let task = tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
        held.push_back(Open { task, listens });
    }
}

/// Which connection must go before another is taken, if any: the oldest that is no stream of events,
/// for browsers send a request again that was cut off; of streams the oldest when they are more than
/// half, so that whoever connects always has the time in which fifty others do to ask for a page.
fn excess(held: &VecDeque<Open>) -> Option<usize> {
    if held.len() < MOST {
        return None;
    }
    let listens = |it: &Open| it.listens.load(Ordering::Relaxed);
    let crowded = held.iter().filter(|it| listens(it)).count() > MOST / 2;
    held.iter().position(|it| listens(it) == crowded)
}
