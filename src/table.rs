//! Keys and values with their places: what front matter and the configuration are read into.
//! The only door to the TOML and the YAML parser; neither knows what the keys mean.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use toml::de::{DeTable, DeValue};

use crate::diag::Diagnostic;
use crate::near::nearest;
use crate::path::SrcPath;

/// Keys with their values, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table(pub Vec<Field>);

/// One key and its value, with the bytes of the file where they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Value,
    /// Where the value stands.
    pub span: Range<usize>,
}

/// A value of TOML or YAML.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing was written (YAML only).
    Null,
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A date or time as TOML writes it.
    Date(String),
    /// Several values, each with its place.
    List(Vec<(Value, Range<usize>)>),
    /// A table.
    Table(Table),
}

/// What is wrong with the text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The bytes it is about.
    pub span: Range<usize>,
    /// One sentence.
    pub message: String,
}

impl Value {
    /// What kind of value it is, with its article.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Date(_) => "a date",
            Self::List(_) => "an array",
            Self::Table(_) => "a table",
        }
    }
}

/// Takes typed values out of a [`Table`], and remembers what did not fit.
pub struct Reader {
    fields: Vec<Option<Field>>,
    /// What did not fit.
    pub problems: Vec<Problem>,
}

impl Reader {
    /// Reads from `table`.
    pub fn new(table: Table) -> Self {
        Self { fields: table.0.into_iter().map(Some).collect(), problems: vec![] }
    }

    /// Takes the field of this key, whatever its value; a key without a value counts as absent.
    pub fn take(&mut self, key: &str) -> Option<Field> {
        let is_it = |slot: &&mut Option<Field>| slot.as_ref().is_some_and(|field| field.key == key);
        let field = self.fields.iter_mut().find(is_it)?.take()?;
        (field.value != Value::Null).then_some(field)
    }

    /// Where the value of this key stands, if it has one.
    pub fn span(&self, key: &str) -> Option<Range<usize>> {
        let mut fields = self.fields.iter().flatten();
        fields.find(|field| field.key == key).map(|field| field.span.clone())
    }

    /// Takes what `convert` makes of the value; `expected` names it with its article.
    pub fn value<T>(
        &mut self,
        key: &str,
        expected: &str,
        convert: impl FnOnce(Value) -> Option<T>,
    ) -> Option<T> {
        let field = self.take(key)?;
        let kind = field.value.kind();
        let value = convert(field.value);
        if value.is_none() {
            let message = format!("`{key}`: expected {expected}, found {kind}");
            self.problems.push(Problem { span: field.span, message });
        }
        value
    }

    /// Takes a string. A bare number is one too: people write `title: 1984`.
    pub fn text(&mut self, key: &str) -> Option<String> {
        self.value(key, "a string", |value| match value {
            Value::Text(text) | Value::Date(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// Takes a boolean; `"true"` in quotes is none.
    pub fn bool(&mut self, key: &str) -> Option<bool> {
        self.value(key, "a boolean (true or false, without quotes)", |value| match value {
            Value::Bool(value) => Some(value),
            _ => None,
        })
    }

    /// Takes a whole number that is not negative.
    pub fn number(&mut self, key: &str) -> Option<u64> {
        self.value(key, "a whole number, 0 or more", |value| match value {
            Value::Integer(number) => number.try_into().ok(),
            _ => None,
        })
    }

    /// Takes strings with their places; a single string is a list of one.
    pub fn texts(&mut self, key: &str) -> Option<Vec<(String, Range<usize>)>> {
        let span = self.span(key)?;
        self.value(key, "an array of strings", |value| match value {
            Value::Text(text) => Some(vec![(text, span)]),
            Value::List(values) => {
                let texts = values.into_iter().map(|(value, span)| match value {
                    Value::Text(text) => Some((text, span)),
                    Value::Integer(number) => Some((number.to_string(), span)),
                    _ => None,
                });
                texts.collect()
            }
            _ => None,
        })
    }

    /// Takes a table.
    pub fn table(&mut self, key: &str) -> Option<Table> {
        self.value(key, "a table", |value| match value {
            Value::Table(table) => Some(table),
            _ => None,
        })
    }

    /// Takes what one of these words stands for.
    pub fn one_of<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let expected = format!("one of {}", names.join(", "));
        self.value(key, &expected, |value| match value {
            Value::Text(text) => choices.iter().find(|(name, _)| *name == text).map(|(_, it)| *it),
            _ => None,
        })
    }

    /// Tells the keys that nobody took, each with the known one that is near. `prefix` is where
    /// they stand: `terms.`.
    pub fn unknown_keys(&mut self, prefix: &str, known: &[&str]) {
        for field in self.fields.drain(..).flatten() {
            let mut message = format!("unknown key `{prefix}{}`", field.key);
            match nearest(&field.key, known.iter().copied()) {
                Some(near) => message.push_str(&format!("; did you mean `{near}`?")),
                None => message.push_str(&format!("; known here: {}", known.join(", "))),
            }
            self.problems.push(Problem { span: field.key_span, message });
        }
    }

    /// What nobody took.
    pub fn rest(self) -> (Table, Vec<Problem>) {
        (Table(self.fields.into_iter().flatten().collect()), self.problems)
    }
}

/// Reads a whole file of TOML.
///
/// # Errors
///
/// The file is not UTF-8.
pub fn document(file: &SrcPath, bytes: &[u8]) -> Result<(Table, Vec<Problem>), Diagnostic> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let message = format!("byte {at} of this file is not UTF-8");
        Diagnostic::error("not-utf8", file, at..at + 1, message).hint("save the file as UTF-8")
    })?;
    let (text, base) = text.strip_prefix('\u{FEFF}').map_or((text, 0), |text| (text, 3));
    Ok(from_toml(text, base))
}

/// Reads TOML. `base` is where `text` begins in its file. Reading goes on after an error, so that
/// all of them are found.
pub fn from_toml(text: &str, base: usize) -> (Table, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let table = toml_table(table.into_inner(), base);
    let problems = errors.into_iter().map(|error| {
        let span = error.span().unwrap_or(0..0);
        Problem { span: span.start + base..span.end + base, message: error.message().to_owned() }
    });
    let problems = problems.collect();
    (table, problems)
}

fn toml_table(table: DeTable<'_>, base: usize) -> Table {
    let mut fields: Vec<Field> = table
        .into_iter()
        .map(|(key, value)| Field {
            key_span: key.span().start + base..key.span().end + base,
            key: key.into_inner().into_owned(),
            span: value.span().start + base..value.span().end + base,
            value: toml_value(value.into_inner(), base),
        })
        .collect();
    fields.sort_by_key(|field| field.key_span.start);
    Table(fields)
}

fn toml_value(value: DeValue<'_>, base: usize) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::Text(number.to_string()), Value::Integer),
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(values) => {
            let values = values.into_iter().map(|value| {
                let span = value.span().start + base..value.span().end + base;
                (toml_value(value.into_inner(), base), span)
            });
            Value::List(values.collect())
        }
        DeValue::Table(table) => Value::Table(toml_table(table, base)),
    }
}

/// Reads YAML. `base` is where `text` begins in its file. Depth and aliases are limited by the
/// parser's budget, so that a few lines cannot stand for a billion values.
pub fn from_yaml(text: &str, base: usize) -> (Table, Vec<Problem>) {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return (Table::default(), vec![]);
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 64, max_nodes: 20_000, max_anchors: 100 },
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<serde_saphyr::Spanned<Yaml>>(text, options) {
        Ok(root) => match root.value {
            Yaml::Table(fields) => (yaml_table(fields, text, base), vec![]),
            Yaml::Scalar(Value::Null) => (Table::default(), vec![]),
            _ => {
                let message = "front matter must be `key: value` lines".to_owned();
                (
                    Table::default(),
                    vec![Problem { span: base..base + text.trim_end().len(), message }],
                )
            }
        },
        Err(error) => {
            let said = error.render_with_options(serde_saphyr::render_options! {
                snippets: serde_saphyr::SnippetMode::Off,
            });
            let message = said.lines().next().unwrap_or_default();
            // For errors of the scanner only the sentence names the true place.
            let at = said_place(message)
                .map(|(line, column)| character(text, line, column))
                .or_else(|| error.location().map(|place| offset(text, &place)))
                .unwrap_or(0);
            let at = at.min(text.trim_end().len());
            let rest = text[at..].lines().next().unwrap_or("").trim_end().len();
            // It also names the place, which we show, and options that nobody can set.
            let message = message.split(" at line ").next().unwrap_or(message);
            let message = message.split(", set ").next().unwrap_or(message);
            let message = match message.trim_start_matches("error: ") {
                said if said.contains("budget") => {
                    "this YAML is too deep, too long, or repeats itself too often".to_owned()
                }
                said => said.to_owned(),
            };
            (Table::default(), vec![Problem { span: base + at..base + at + rest, message }])
        }
    }
}

/// The line from 1 and the column from 0 that a message of the YAML parser ends with.
fn said_place(message: &str) -> Option<(usize, usize)> {
    let (_, place) = message.split_once(" at line ")?;
    let (line, rest) = place.split_once(", column ")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((line.parse().ok()?, rest[..digits].parse::<usize>().ok()?.checked_sub(1)?))
}

/// The byte of a character: the line from 1, the column from 0.
fn character(text: &str, line: usize, column: usize) -> usize {
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut places = text[start..].char_indices().map(|(at, _)| start + at);
    places.nth(column).unwrap_or(text.len())
}

/// A value as the YAML parser hands it over, before places are known in bytes.
enum Yaml {
    Scalar(Value),
    List(Vec<serde_saphyr::Spanned<Yaml>>),
    Table(Vec<(serde_saphyr::Spanned<String>, serde_saphyr::Spanned<Yaml>)>),
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Null))
    }
    fn visit_none<E: de::Error>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Null))
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Bool(value)))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Integer(value)))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Yaml, E> {
        let number =
            i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Integer);
        Ok(Yaml::Scalar(number))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Float(value)))
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Text(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Yaml, A::Error> {
        let mut values = vec![];
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Yaml::List(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut fields = vec![];
        while let Some(entry) = map.next_entry()? {
            fields.push(entry);
        }
        Ok(Yaml::Table(fields))
    }
}

fn yaml_table(
    fields: Vec<(serde_saphyr::Spanned<String>, serde_saphyr::Spanned<Yaml>)>,
    text: &str,
    base: usize,
) -> Table {
    let fields = fields.into_iter().map(|(key, value)| Field {
        key_span: place(text, base, &key.referenced),
        span: place(text, base, &value.referenced),
        key: key.value,
        value: yaml_value(value.value, text, base),
    });
    Table(fields.collect())
}

fn yaml_value(value: Yaml, text: &str, base: usize) -> Value {
    match value {
        Yaml::Scalar(value) => value,
        Yaml::List(values) => {
            let values = values.into_iter().map(|value| {
                let span = place(text, base, &value.referenced);
                (yaml_value(value.value, text, base), span)
            });
            Value::List(values.collect())
        }
        Yaml::Table(fields) => Value::Table(yaml_table(fields, text, base)),
    }
}

/// The bytes of a YAML node; the parser tells where it begins, and only sometimes how long it is.
fn place(text: &str, base: usize, location: &serde_saphyr::Location) -> Range<usize> {
    let start = offset(text, location);
    let said = location.span().byte_len().and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
    let end = (start + said).min(text.len());
    let line = start + text[start..].find(['\n', '\r']).unwrap_or(text.len() - start);
    let end = if end > start && text.is_char_boundary(end) { end } else { line };
    base + start..base + end
}

fn offset(text: &str, location: &serde_saphyr::Location) -> usize {
    let at = location.span().byte_offset().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for field in &self.0 {
            map.serialize_entry(&field.key, &field.value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) | Self::Date(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::List(values) => serializer.collect_seq(values.iter().map(|(value, _)| value)),
            Self::Table(table) => table.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_give_the_same_values_with_their_places() {
        let yaml = "title: \"한글\"\ntags: [a, b]\ndraft: true\nnone:\n";
        let toml = "title = \"한글\"\ntags = [\"a\", \"b\"]\ndraft = true\n";
        for (text, (table, problems)) in [(yaml, from_yaml(yaml, 0)), (toml, from_toml(toml, 0))] {
            assert_eq!(problems, []);
            let mut reader = Reader::new(table);
            let field = reader.take("title").unwrap();
            assert_eq!(field.value, Value::Text("한글".into()));
            assert!(text[field.span].starts_with("\"한글\""));
            let tags = reader.texts("tags").unwrap();
            assert_eq!(tags.iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>(), ["a", "b"]);
            assert_eq!(reader.bool("draft"), Some(true));
            assert_eq!(reader.take("none"), None);
            assert_eq!(reader.rest().1, []);
        }
    }

    #[test]
    fn a_few_lines_cannot_stand_for_a_billion() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..20 {
            let last = format!("*a{}, ", n - 1).repeat(9);
            bomb.push_str(&format!("a{n}: &a{n} [{}]\n", last.trim_end_matches(", ")));
        }
        assert_eq!(from_yaml(&bomb, 0).1.len(), 1);
        assert_eq!(from_yaml(&format!("a: {}", "[".repeat(10_000)), 0).1.len(), 1);
    }

    #[test]
    fn errors_have_their_place() {
        let (_, problems) = from_yaml("title: a\nx: [1,\n", 10);
        assert!(problems[0].span.start >= 10, "{problems:?}");
        let (_, problems) = from_toml("title = a\nsummary = b\n", 10);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(from_yaml("a: \"\\ud800\"", 0).1.len(), 1);
        assert_eq!(from_yaml("a: 1\na: 2", 0).1.len(), 1);
    }
}
