//! The demo portal: the simulator inside the app, started when a person first asks for it.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use operations::{DemoHost, DemoPortal, DemoTrouble};
use simulator::{Config, Faults, Simulator};
use tokio::sync::Mutex;

/// Lives as long as the app; a second ask gets the portal that already runs.
#[derive(Default, Clone)]
pub(crate) struct Demo(Arc<Mutex<Option<Simulator>>>);

impl DemoHost for Demo {
    fn start(&self) -> BoxFuture<'static, Result<DemoPortal, String>> {
        let Self(running) = self.clone();
        async move {
            let mut running = running.lock().await;
            if running.is_none() {
                *running = Some(Simulator::start(Config::demo()).await.map_err(|error| error.to_string())?);
            }
            let simulator = running.as_ref().expect("it was started just above");
            Ok(DemoPortal { base_url: simulator.base_url(), token: simulator.token().to_owned() })
        }
        .boxed()
    }

    fn trouble(&self, wanted: Vec<DemoTrouble>) -> BoxFuture<'static, Result<(), String>> {
        let Self(running) = self.clone();
        async move {
            let running = running.lock().await;
            let simulator = running.as_ref().ok_or("the demo portal is not running")?;
            let faults = Faults::named(wanted.into_iter().map(DemoTrouble::as_str));
            simulator.faults().set(faults.ok_or("the demo portal does not know this trouble")?);
            Ok(())
        }
        .boxed()
    }
}
