//! What gongbu writes down of its own work for the next run, in the output folder and in a bucket: JSON
//! in an envelope that says in which form it is. What cannot be read is told from what a newer gongbu
//! wrote, because the one is thrown away and the other left alone.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The form of these files. One that we do not know is not touched.
const SCHEMA: u32 = 1;

/// A record as it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Found<T> {
    /// Nothing is there.
    #[default]
    None,
    /// It is whole.
    Whole(T),
    /// It cannot be read.
    Damaged,
    /// A newer gongbu wrote it.
    Newer,
}

/// What a record has to say about paths.
pub trait Paths {
    /// Every path in it.
    fn paths(&self) -> impl Iterator<Item = &String>;
}

impl Paths for Vec<String> {
    fn paths(&self) -> impl Iterator<Item = &String> {
        self.iter()
    }
}

#[derive(Serialize)]
struct Written<'a, T> {
    schema: u32,
    body: &'a T,
}

#[derive(Deserialize)]
struct Envelope {
    schema: u32,
}

#[derive(Deserialize)]
struct Body<T> {
    body: T,
}

/// Reads a record. One with a path that `is_allowed` refuses is damaged: nobody can make us remove
/// what is not ours by writing its name there.
pub fn read<T: DeserializeOwned + Paths>(
    bytes: &[u8],
    is_allowed: impl Fn(&str) -> bool,
) -> Found<T> {
    match serde_json::from_slice::<Envelope>(bytes) {
        Ok(envelope) if envelope.schema > SCHEMA => return Found::Newer,
        Ok(_) => {}
        Err(_) => return Found::Damaged,
    }
    match serde_json::from_slice::<Body<T>>(bytes) {
        Ok(Body { body }) if body.paths().all(|path| is_allowed(path)) => Found::Whole(body),
        _ => Found::Damaged,
    }
}

/// The bytes of a record. Equal records have equal bytes.
pub fn write<T: Serialize>(body: &T) -> Vec<u8> {
    // Strings, numbers and maps of them can all be written.
    serde_json::to_vec(&Written { schema: SCHEMA, body }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_do_not_know_is_told_from_what_is_broken() {
        let paths = vec!["공부.html".to_owned()];
        let bytes = write(&paths);
        let read = |bytes: &[u8]| read::<Vec<String>>(bytes, |path| path != "/etc");
        assert_eq!(read(&bytes), Found::Whole(paths));
        assert_eq!(read(&bytes[..bytes.len() - 1]), Found::Damaged);
        assert_eq!(read(br#"{"schema":2,"body":{"new":1}}"#), Found::Newer);
        assert_eq!(read(&write(&vec!["/etc".to_owned()])), Found::Damaged);
    }
}
