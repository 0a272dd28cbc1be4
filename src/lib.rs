//! gongbu turns a folder of Markdown notes into a study site.
//!
//! # The house
//!
//! Data flows one way. Each arrow is one function; each noun is one type.
//!
//! ```text
//! disk ─read→ Snapshot ─parse→ Note ─collect→ Catalog ─link→ Site ─render→ Plan ─publish→ disk, browser, bucket
//! ```
//!
//! The modules below are listed in reading order, and **a module may use only the modules above
//! it** (`tests/house.rs` checks this). Everything above the line "the hands" is pure: it neither
//! reads the disk nor asks for the time.

// The words: small types that everything else is said in.
pub mod path;
pub mod key;
pub mod near;
pub mod diag;
pub mod snapshot;
pub mod table;
pub mod config;
pub mod hangul;
pub mod class;
pub mod registry;

// The meaning: what the notes say. Knows no HTML.
pub mod note;
pub mod catalog;
pub mod site;

// The form: how the site looks. Knows no disk.
pub mod html;
pub mod plan;
pub mod theme;
pub mod output;
pub mod build;

// The hands: the only part that touches the world.
pub mod record;
pub mod disk;
pub mod serve;
#[cfg(feature = "deploy")]
pub mod deploy;
pub mod cli;
