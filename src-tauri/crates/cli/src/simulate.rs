//! The pretend portal, until Ctrl-C: for a first look without an account, and for testing other programs.

use std::{fs, path::Path, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::json;
use simulator::{Config, Limits, Simulator, Tier};

use crate::{
    arguments::{self, Plan},
    connect,
    failure::{Ended, Exit, Failure},
    said::Said,
};

pub(crate) async fn run(asked: arguments::Simulator, said: Said) -> Result<Exit, Ended> {
    let defaults = Config::default();
    let config = Config {
        contacts: asked.contacts,
        seed: asked.seed,
        port: asked.port,
        limits: limits(asked.limits),
        token: if asked.token_stdin { Some(key()?) } else { None },
        latency: Duration::from_millis(asked.latency),
        extra_properties: usize::from(asked.extra_properties),
        only_filled: asked.only_filled,
        huge_ids: asked.huge_ids,
        long_texts: asked.long_texts,
        switches: asked.switches.as_deref().map(read).transpose()?.unwrap_or_default(),
        faults: asked.faults.as_deref().map(read).transpose()?.unwrap_or_default(),
        control_routes: true,
        check_host: true,
        ..defaults
    };
    let portal = config.portal;
    let simulator = Simulator::start(config).await.map_err(|error| Failure {
        fix: vec!["Choose another port, or 0 for a free one: portside simulator --port 0".to_owned()],
        technical: error.to_string(),
        ..Failure::new("port_taken", "The pretend portal could not be started.")
    })?;
    let (base, token) = (simulator.base_url(), simulator.token());
    said.words(&format!(
        "A pretend portal with {} contacts is open.\n\n  Address  {base}\n  Key      {token}\n\n\
         Connect it:  echo {token} | portside connect --token-stdin --api-base {base}\n\
         Troubles:    {base}/_simulator/faults\n\
         Ctrl-C closes it.",
        asked.contacts
    ))?;
    said.object(
        &json!("running"),
        None,
        json!({ "base_url": base, "token": token, "portal": portal.to_string() }),
    )?;
    // Without a way to hear of Ctrl-C, the default ends the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    simulator.stop().await;
    Ok(Exit::Done)
}

fn limits(plan: Plan) -> Option<Limits> {
    let tier = match plan {
        Plan::None => return None,
        Plan::Starter => Tier::Starter,
        Plan::Professional => Tier::Professional,
        Plan::Enterprise => Tier::Enterprise,
        Plan::Increased => Tier::Increased,
        Plan::OauthApp => Tier::OauthApp,
    };
    Some(tier.limits())
}

fn key() -> Result<String, Ended> {
    let key = connect::key()?.trim().to_owned();
    let usable = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    if usable { Ok(key) } else { Err(wrong("The key is empty or holds spaces.", "").into()) }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = fs::read(path)
        .map_err(|error| wrong(&format!("{} cannot be read.", path.display()), &error.to_string()))?;
    serde_json::from_slice(&text)
        .map_err(|error| wrong(&format!("{} is not understood.", path.display()), &error.to_string()))
}

fn wrong(message: &str, technical: &str) -> Failure {
    Failure { exit: Exit::Usage, technical: technical.to_owned(), ..Failure::new("usage", message) }
}
