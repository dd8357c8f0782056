//! The demo portal: the simulator inside the app, started when a person first asks for it.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use operations::{DemoHost, DemoPortal, DemoTrouble};
use simulator::{Config, Faults, Simulator};
use tokio::sync::Mutex;

/// Lives as long as the app; a second ask gets the portal that already runs.
#[derive(Default, Clone)]
pub(crate) struct Demo(Arc<Mutex<Option<(Simulator, i64)>>>);

impl DemoHost for Demo {
    fn start(&self, until: i64) -> BoxFuture<'static, Result<DemoPortal, String>> {
        let Self(running) = self.clone();
        async move {
            let mut running = running.lock().await;
            if running.is_none() {
                let config = Config { until, ..Config::demo() };
                let simulator = Simulator::start(config).await.map_err(|error| error.to_string())?;
                *running = Some((simulator, until));
            }
            let (simulator, until) = running.as_ref().expect("it was started just above");
            let (base_url, token) = (simulator.base_url(), simulator.token().to_owned());
            Ok(DemoPortal { base_url, token, until: *until })
        }
        .boxed()
    }

    fn trouble(&self, wanted: Vec<DemoTrouble>) -> BoxFuture<'static, Result<(), String>> {
        let Self(running) = self.clone();
        async move {
            let running = running.lock().await;
            let (simulator, _) = running.as_ref().ok_or("the demo portal is not running")?;
            let faults = Faults::named(wanted.into_iter().map(DemoTrouble::as_str));
            simulator.faults().set(faults.ok_or("the demo portal does not know this trouble")?);
            Ok(())
        }
        .boxed()
    }
}
