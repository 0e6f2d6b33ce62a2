//! Connections and bodies that can go wrong on purpose.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The network of an endpoint, which can be gone for a while.
#[derive(Debug, Default)]
pub(super) struct Network(watch::Sender<bool>);

impl Network {
    /// Takes the network away: connections are reset, and new ones are refused until it is back.
    pub(super) fn take_away(&self) {
        self.0.send_replace(true);
    }

    pub(super) fn give_back(&self) {
        self.0.send_replace(false);
    }

    fn listen(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}

/// Waits until the network is gone, or is there. When nobody can change that any more it stays as it is.
async fn turned(gone: &mut watch::Receiver<bool>, wanted: bool) {
    if gone.wait_for(|gone| *gone == wanted).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A listener whose connections can be told to reset.
pub(super) struct Lines {
    listener: Option<TcpListener>,
    address: SocketAddr,
    gone: watch::Receiver<bool>,
}

impl Lines {
    pub(super) fn new(listener: TcpListener, address: SocketAddr, network: &Network) -> Self {
        Self {
            listener: Some(listener),
            address,
            gone: network.listen(),
        }
    }
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = loop {
            let listener = match &mut self.listener {
                Some(listener) => listener,
                None => match TcpListener::bind(self.address).await {
                    Ok(listener) => self.listener.insert(listener),
                    // Somebody else took the port: it may be free again later.
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            tokio::select! {
                accepted = Listener::accept(listener) => break accepted,
                () = turned(&mut self.gone, true) => {}
            }
            self.listener = None;
            turned(&mut self.gone, false).await;
        };
        // Answers are small and written at once: waiting for more only adds delay.
        let _ = stream.set_nodelay(true);
        let mut gone = self.gone.clone();
        let cut = Box::pin(async move { turned(&mut gone, true).await });
        (
            Line {
                stream,
                reset: Reset::default(),
                cut,
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// The switch of one connection that makes its next write a reset.
#[derive(Debug, Clone, Default)]
pub(super) struct Reset(Arc<AtomicBool>);

impl Reset {
    pub(super) fn arm(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Lines>> for Reset {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().reset.clone()
    }
}

/// A connection.
pub(super) struct Line {
    stream: TcpStream,
    reset: Reset,
    /// Ends when the network is taken away.
    cut: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Line {
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(cx).is_ready() {
            self.reset.arm();
            // A future that has ended is not to be asked again.
            self.cut = Box::pin(std::future::pending());
        }
        if self.reset.0.load(Ordering::Acquire) {
            // Without lingering, closing sends a reset and drops what is unsent.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A body that comes in pieces with pauses, and may end before it is whole.
pub(super) struct Paced {
    rest: Bytes,
    /// Bytes that may still be sent before the connection is cut.
    keep: usize,
    /// Whether what was sent so far had a chance to leave before the cut.
    flushed: bool,
    piece: usize,
    pause: Duration,
    timer: Option<Pin<Box<tokio::time::Sleep>>>,
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Paced {
    pub(super) fn new(
        whole: Bytes,
        keep: usize,
        piece: usize,
        pause: Duration,
        stop: CancellationToken,
    ) -> Self {
        Self {
            rest: whole,
            keep,
            flushed: false,
            piece: piece.max(1),
            pause,
            timer: None,
            stopped: Box::pin(stop.cancelled_owned()),
        }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        if this.stopped.as_mut().poll(cx).is_ready() || (this.keep == 0 && this.flushed) {
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        if this.keep == 0 {
            // The server writes out what it holds only when a body makes it wait.
            this.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !this.pause.is_zero() {
            let pause = this.pause;
            let timer = this
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            this.timer = None;
        }
        let size = this.piece.min(this.keep).min(this.rest.len());
        this.keep -= size;
        Poll::Ready(Some(Ok(Frame::data(this.rest.split_to(size)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
