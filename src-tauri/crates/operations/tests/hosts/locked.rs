//! Keys in an encrypted file that nobody has opened yet: what is scheduled waits for that, and is no trouble.

use operations::{
    start_sync, unlock_vault, use_encrypted_file,
    wire::{Code, NextKind, OperationalState, StartSync, UnlockVault, UseEncryptedFile},
};

use crate::{
    host::{Host, ID, MINUTE, copy, portal},
    rig::Rig,
};

const PASSPHRASE: &str = "eleven blue cups";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_scheduled_waits_for_the_file_to_be_opened_and_then_begins_at_once() {
    let portal = portal(1).await;
    let mut rig = Rig::new();
    rig.vault.file = None;
    // One start: the file is chosen, and something is copied.
    let core = rig.core();
    let passphrase = PASSPHRASE.to_owned();
    use_encrypted_file(&core, UseEncryptedFile { passphrase }).await.expect("the file can be made");
    copy(&core, &[&portal]).await;
    core.shutdown().await;
    drop(core);

    // Another: hours pass, and nobody types the passphrase.
    portal.reset_ledger();
    let core = rig.core();
    let host = Host::keeping(rig, core, &[&portal]);
    for _ in 0..5 {
        let status = host.settled(ID).await;
        let schedule = &status.schedule;
        assert_eq!(
            (schedule.next, schedule.next_at.as_deref(), schedule.failures),
            (NextKind::Nothing, None, 0)
        );
        assert_eq!(schedule.sentence, "Nothing is checked until the file with the keys is opened.");
        assert_eq!(status.state, OperationalState::Active, "{}", status.sentence);
        assert_eq!(status.last_error, None);
        assert_eq!(status.hubspot_diagnostics.persistent_errors, []);
        let needed: Vec<Code> = status.attention.iter().map(|attention| attention.error.code).collect();
        assert_eq!(needed, [Code::VaultLocked], "a person is needed once, for one thing");
        host.pass(60 * MINUTE);
    }
    let asked = StartSync { connection: ID.to_owned(), full: false };
    assert_eq!(start_sync(&host.core, asked).await.expect_err("it is locked").code, Code::VaultLocked);
    assert_eq!(host.log(ID).await.len(), 1, "nothing was tried");
    assert_eq!(portal.ledger().calls, 0);

    let wrong = UnlockVault { passphrase: "twelve blue cups".to_owned() };
    unlock_vault(&host.core, wrong).await.expect_err("that is another passphrase");
    assert_eq!(host.settled(ID).await.schedule.next, NextKind::Nothing);

    // No clock moves any more.
    unlock_vault(&host.core, UnlockVault { passphrase: PASSPHRASE.to_owned() }).await.expect("it opens");
    let runs = host.ended(ID, 2).await;
    assert_eq!((runs[0].kind.as_str(), runs[0].state.as_str()), ("sync", "done"));
    let status = host.settled(ID).await;
    assert_eq!((status.schedule.failures, status.attention.len()), (0, 0));
    assert_eq!(status.hubspot_diagnostics.persistent_errors, []);
}
