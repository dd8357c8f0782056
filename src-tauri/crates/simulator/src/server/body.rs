//! What an answer's body can be: whole, cut short, or a long list made while it is sent.
//!
//! Deliberately absent: compression. The program under test shares its processors with this one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::truth::Lines;

pub(super) enum Body {
    Whole(Option<Bytes>),
    /// Promises its full length, delivers part of it, and fails.
    Cut {
        part: Option<Bytes>,
        promised: u64,
    },
    Lines(Box<Lines>),
}

impl Body {
    pub(super) fn whole(bytes: Bytes) -> Body {
        Body::Whole(Some(bytes).filter(|b| !b.is_empty()))
    }

    pub(super) fn cut(bytes: &Bytes, keep: usize) -> Body {
        let promised = bytes.len() as u64;
        Body::Cut { part: Some(bytes.slice(..keep)), promised }
    }

    pub(super) fn lines(lines: Lines) -> Body {
        Body::Lines(Box::new(lines))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let frame = match &mut *self {
            Body::Whole(bytes) => bytes.take().map(|b| Ok(Frame::data(b))),
            Body::Cut { part, .. } => match part.take() {
                Some(part) if !part.is_empty() => Some(Ok(Frame::data(part))),
                _ => Some(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "a fault cut the body"))),
            },
            Body::Lines(lines) => lines.next_chunk().map(|chunk| Ok(Frame::data(Bytes::from(chunk)))),
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Body::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Body::Cut { promised, .. } => SizeHint::with_exact(*promised),
            Body::Lines(_) => SizeHint::default(),
        }
    }
}
