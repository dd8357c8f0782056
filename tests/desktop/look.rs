//! How the window looks: dark and remembered, and whole at its smallest.

use serde_json::json;
use tests::{desk::Keyring, ids, journey, steps};

const THEME: &str = "return document.documentElement.dataset.theme";

#[tokio::test]
async fn dark_is_chosen_once_and_remembered() {
    journey::run("dark", Keyring::None, async |journey| {
        let app = journey.open().await;
        app.see(ids::FIRST_RUN).await;
        assert_ne!(app.script(THEME).await, json!("dark"));
        app.click_named("Dark").await;
        app.until("the page is dark", tests::app::SOON, async || {
            (app.script(THEME).await == "dark").then_some(())
        })
        .await;
        let background = app.script("return getComputedStyle(document.body).backgroundColor").await;
        let parts: Vec<u32> = background
            .as_str()
            .unwrap_or_default()
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|part| part.parse().ok())
            .collect();
        assert!(parts.len() >= 3 && parts[..3].iter().all(|&part| part < 64), "{background} is not dark");
        app.end().await;

        let app = journey.open().await;
        app.see(ids::FIRST_RUN).await;
        assert_eq!(app.script(THEME).await, json!("dark"), "the choice outlives the window");
    })
    .await;
}

#[tokio::test]
async fn at_its_smallest_the_window_hides_nothing_sideways() {
    journey::run("small", Keyring::None, async |journey| {
        let app = journey.open().await;
        app.see(ids::FIRST_RUN).await;
        app.resize(960, 600).await;
        whole(&app).await;
        steps::open_demo(&app).await;
        for (door, screen) in [(ids::NAV_RECORDS, ids::GRID), (ids::NAV_HOME, ids::HOME)] {
            app.click(door).await;
            app.see(screen).await;
            whole(&app).await;
        }
    })
    .await;
}

/// The page does not scroll sideways, and every button that can be seen is inside the window.
async fn whole(app: &tests::app::App) {
    let outside = app
        .script(
            "const seen = (e) => e.checkVisibility?.({ visibilityProperty: true }) ?? e.offsetParent !== null;
             const out = [...document.querySelectorAll('button')].filter((e) => seen(e) && e.closest('[data-testid=grid]') === null)
               .filter((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1); })
               .map((e) => e.outerHTML.slice(0, 120));
             if (document.documentElement.scrollWidth > innerWidth) out.push('the page scrolls sideways');
             return out;",
        )
        .await;
    assert_eq!(outside, json!([]));
}
