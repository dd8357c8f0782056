//! A data folder that this version cannot use: the window opens all the same and says why.

use rusqlite::Connection;
use tests::{app::SOON, desk::Keyring, ids, journey};

#[tokio::test]
async fn a_data_folder_of_a_newer_version_is_said_and_left_alone() {
    journey::run("newer", Keyring::None, async |journey| {
        let app = journey.open().await;
        app.see(ids::FIRST_RUN).await;
        app.end().await;
        let path = journey.setup.home.join("portside.db");
        let database = Connection::open(&path).expect("the app made its database");
        database.pragma_update(None, "user_version", 9_999).expect("it can be given a version");
        drop(database);

        let app = journey.open().await;
        app.page_says("written by a newer Portside", SOON).await;
        app.page_says("Update Portside", SOON).await;
        app.end().await;

        let database = Connection::open(&path).expect("it is still there");
        let version: i64 =
            database.pragma_query_value(None, "user_version", |row| row.get(0)).expect("and whole");
        assert_eq!(version, 9_999, "nothing was written");
    })
    .await;
}
