//! The core against a pretend HubSpot: real HTTP, real SQLite files, cut at every page.
//!
//! The oracle is the same everywhere: when a sync has settled, the copy equals what the portal holds, record by record,
//! property by property to the byte, link by link. Ids such as C2 or F8 name the lesson of another connector that a
//! test keeps (docs/ARCHITECTURE.md says where they come from).

mod again;
mod bad_data;
mod faults;
mod import;
mod increment;
mod isolation;
mod kill;
mod limits;
mod linked;
mod oauth;
mod objects;
mod odd_servers;
mod paging;
mod plan;
mod proof;
mod properties;
mod removals;
mod rig;
mod run_log;
mod scopes;
mod script;
mod side_by_side;
mod tls;
mod window;
