//! Our own compact events: the only form in which the body of a note is read after parsing.
//! 16 bytes each (pulldown-cmark's own take 96), because a large site holds millions.

use crate::diag::Span;

/// No payload.
pub const NONE: u32 = u32::MAX;

/// One step through the body of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What it is.
    pub kind: Kind,
    /// An index whose meaning depends on the kind, or [`NONE`].
    pub payload: u32,
    /// The bytes of the file that it stands for.
    pub span: Span,
}

/// What an [`Event`] is. "String" below means an index into the note's strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something begins that lasts until its `Close`.
    Open(Tag),
    /// It ends; the payload is that of its `Open`.
    Close(Tag),
    /// Text. Payload: a string if the text is not the source itself.
    Text,
    /// Code in a line. Payload: as for text.
    Code,
    /// A formula in TeX without its dollars; true if it stands on lines of its own. Payload: as for
    /// text.
    Math(bool),
    /// Raw HTML, in a line or in an HTML block. Payload: as for text.
    Html,
    /// A line ended inside a paragraph.
    SoftBreak,
    /// A forced line break.
    HardBreak,
    /// A thematic break.
    Rule,
    /// The box of a task, done or not.
    Task(bool),
    /// A reference to a footnote. Payload: its label as a string.
    FootnoteRef,
}

/// What may be opened and closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// A paragraph.
    Paragraph,
    /// A heading. Payload: an index into the note's headings.
    Heading,
    /// A block quote.
    Quote,
    /// An alert (`> [!NOTE]`). Payload: an index into the note's alerts.
    Alert,
    /// The author's own title of an alert, directly after its `Open` and with its payload.
    AlertTitle,
    /// A block of code. Payload: its info string, if it has one.
    CodeBlock,
    /// A block of raw HTML.
    HtmlBlock,
    /// A list. Payload: the number it starts with if it is ordered.
    List,
    /// An item of a list.
    Item,
    /// A list of terms with their definitions.
    Definitions,
    /// A term of it.
    DefinitionTerm,
    /// A definition of it.
    Definition,
    /// The text of a footnote. Payload: its label as a string.
    Footnote,
    /// A table. Payload: an index into the note's tables.
    Table,
    /// The head of a table.
    TableHead,
    /// A row of a table.
    TableRow,
    /// A cell of a table.
    TableCell,
    /// `*emphasis*`
    Emphasis,
    /// `**strong**`
    Strong,
    /// `~~struck~~`
    Strike,
    /// `==marked==`
    Mark,
    /// A link. Payload: an index into the note's links.
    Link,
    /// A picture; what is between is its description. Payload: an index into the note's links.
    Image,
}

impl Tag {
    /// True for what stands in a line rather than being a block.
    pub fn is_inline(self) -> bool {
        use Tag::*;
        matches!(self, Emphasis | Strong | Strike | Mark | Link | Image)
    }
}

/// How a column of a table is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// As the reader's language has it.
    None,
    /// Left.
    Left,
    /// Centred.
    Center,
    /// Right.
    Right,
}
