//! The pretend portal, until Ctrl-C: for a first look without an account, and for testing other programs.

use std::{fs, path::Path, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use simulator::{App, Config, Limits, Simulator, Tier};

use crate::{
    arguments::{self, Plan},
    connect,
    failure::{Ended, Exit, Failure},
    said::Said,
};

/// Where a browser may be sent back to from the pretend portal: to each port that connecting waits on.
const REDIRECTS: [&str; 3] = [
    "http://localhost:14117/oauth-callback",
    "http://localhost:21117/oauth-callback",
    "http://localhost:28117/oauth-callback",
];

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
        apps: if asked.oauth_app { vec![App::reader(&REDIRECTS)?] } else { Vec::new() },
        auto_approve: asked.auto_approve,
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
         Troubles:    {base}/_simulator/faults\n{}\
         Ctrl-C closes it.",
        asked.contacts,
        simulator.apps().iter().map(|app| app_words(app, &base)).collect::<String>()
    ))?;
    let mut told = json!({ "base_url": base, "token": token, "portal": portal.to_string() });
    if let Some(app) = simulator.apps().first() {
        told["app"] = app_json(app, &base);
    }
    said.object(&json!("running"), None, told)?;
    // Without a way to hear of Ctrl-C, the default ends the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    simulator.stop().await;
    Ok(Exit::Done)
}

/// All that connecting an app needs, the secret included: like the key, it is good for this portal only.
fn app_words(app: &App, base: &str) -> String {
    format!(
        "\nAn app can be connected, too.\n\n  Client ID      {}\n  Client secret  {}\n  Authorize at   \
         {base}/oauth/authorize\n  Back to        {}\n  Required       {}\n  Optional       {}\n\n\
         Sign in:     echo {} | portside connect --oauth --client-id {} --client-secret-stdin --app-base {base} \
         --api-base {base}\n",
        app.client_id,
        app.client_secret,
        app.redirect_uris.join("\n                 "),
        app.required_scopes.join(" "),
        app.optional_scopes.join(" "),
        app.client_secret,
        app.client_id,
    )
}

fn app_json(app: &App, base: &str) -> Value {
    json!({
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "authorize_base": base,
        "redirect_uris": app.redirect_uris,
        "required_scopes": app.required_scopes,
        "conditional_scopes": app.conditional_scopes,
        "optional_scopes": app.optional_scopes,
    })
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
