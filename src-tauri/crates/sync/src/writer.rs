//! The one writer of a mirror: a thread that takes work from a bounded channel, in order.

use std::{path::PathBuf, sync::Arc};

use store::{Reader, Writer};
use tokio::sync::{mpsc, oneshot};

use crate::Error;

type Work = Box<dyn FnOnce(&mut Writer) + Send>;

/// How many commits may wait; a slow disk slows the fetching down instead of filling memory.
const WAITING_MAX: usize = 8;

/// A handle to the writer; cheap to clone. The thread ends when the last handle is gone.
#[derive(Clone)]
pub(crate) struct WriterHandle {
    work: mpsc::Sender<Work>,
    path: Arc<PathBuf>,
}

impl WriterHandle {
    /// Opens the mirror on a thread of its own, creating or migrating it.
    pub(crate) async fn open(path: PathBuf) -> Result<WriterHandle, Error> {
        let (work, mut queue) = mpsc::channel::<Work>(WAITING_MAX);
        let (opened, outcome) = oneshot::channel();
        let kept = Arc::new(path.clone());
        std::thread::Builder::new()
            .name("mirror-writer".into())
            .spawn(move || {
                let mut writer = match Writer::open(&path) {
                    Ok(writer) => writer,
                    Err(error) => {
                        let _ = opened.send(Err(error));
                        return;
                    }
                };
                let _ = opened.send(Ok(()));
                while let Some(work) = queue.blocking_recv() {
                    work(&mut writer);
                }
            })
            .map_err(|_| Error::WriterGone)?;
        outcome.await.map_err(|_| Error::WriterGone)??;
        Ok(WriterHandle { work, path: kept })
    }

    /// Runs `work` on the writer's thread, after everything asked before. Once sent it is carried out even if the
    /// caller is dropped.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |writer| {
            let _ = answer.send(work(writer));
        });
        self.work.send(work).await.map_err(|_| Error::WriterGone)?;
        Ok(answered.await.map_err(|_| Error::WriterGone)??)
    }

    /// Asks the mirror beside the writer: sees everything that was committed before.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let path = Arc::clone(&self.path);
        let asked = tokio::task::spawn_blocking(move || question(&Reader::open(&path)?));
        Ok(asked.await.map_err(|_| Error::WriterGone)??)
    }
}
