//! The disk: the project comes in as a [`Snapshot`](crate::snapshot::Snapshot), the finished
//! site goes out from a [`Plan`](crate::plan::Plan).
//!
//! ```text
//! read(root) ─→ Snapshot        Plan ─→ publish(root, out)
//! ```
//!
//! No other module knows walkdir or rustix. Reading never follows a link and never blocks.
//! Publishing has one instant, the rename of a journal, before which the old site stands and
//! after which the new one will, whatever happens to the process.

mod ignore;
mod folders;
mod read;
mod again;
mod error;
mod folder;
mod tree;
mod records;
mod out;
mod stage;
mod survey;
mod publish;
mod known;
mod publication;
mod edit;
mod fetch;

pub use again::read_again;
pub use edit::replace;
pub use error::PublishError;
pub use fetch::{fetch, links};
pub use folders::{folders, notes_folder};
pub use ignore::{ignored_by_name, is_of_project};
pub use known::{Known, altered, differences, has_site, known};
pub use out::check_out;
pub use publication::{Publication, publish};
pub use publish::{PublishOptions, Published, Step, Steps, recover};
pub use read::{find_root, read};
