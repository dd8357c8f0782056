//! One refresh at a time across processes: a file lock of the operating system, which dies with its holder. The file
//! itself means nothing and stays.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crm::ConnectionId;
use store::Home;

/// How often a lock that another process holds is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// Given back when dropped.
#[derive(Debug)]
pub(crate) struct RefreshLock {
    file: File,
}

impl Drop for RefreshLock {
    fn drop(&mut self) {
        // Closing alone is not enough: a process that is just being started has the file open until it is another program.
        let _ = self.file.unlock();
    }
}

/// `HOME/locks/<id>.refresh`.
pub(crate) fn path(home: &Home, id: &ConnectionId) -> PathBuf {
    home.root().join("locks").join(format!("{id}.refresh"))
}

/// Waits for the lock; `None` when `patience` has run out. Dropping the future gives up.
pub(crate) async fn take(path: &Path, patience: Duration) -> io::Result<Option<RefreshLock>> {
    let file = open(path)?;
    let until = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(RefreshLock { file })),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Ok(None),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(AGAIN).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
