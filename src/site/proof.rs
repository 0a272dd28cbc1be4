//! What the linker did, and why (R16): for each service where it is mentioned, and what looked like a
//! mention and was none.

use std::sync::Arc;

use rayon::prelude::*;

use super::Site;
use super::linker::{self, Matcher};
use super::mention::Mention;
use super::reason::{Reason, Rejected};
use crate::diag::Span;

/// The proof of all links.
#[derive(Debug, Default)]
pub struct Proof {
    /// For each service of the catalog.
    pub terms: Vec<TermProof>,
    /// Two names that stand together and are not registered as one: the note as an index, and the
    /// bytes of both.
    pub compounds: Vec<(usize, Span)>,
}

/// The proof of one service. Notes are indices into those of the site.
#[derive(Debug, Default, Clone)]
pub struct TermProof {
    /// Its mentions, in order.
    pub mentions: Vec<(usize, Mention)>,
    /// How many links of the author's lead to it.
    pub by_hand: usize,
    /// What is no mention, in order.
    pub rejected: Vec<(usize, Rejected)>,
}

impl TermProof {
    /// How many mentions are shown as links.
    pub fn links(&self) -> usize {
        self.mentions.iter().filter(|(_, mention)| mention.link).count()
    }

    /// How many notes mention it.
    pub fn pages(&self) -> usize {
        self.mentions.chunk_by(|a, b| a.0 == b.0).count()
    }
}

impl Site {
    /// Links all notes once more, and keeps the reasons.
    pub fn proof(&self) -> Proof {
        let matcher = Matcher::of(&self.catalog, &self.config.terms, self.notes.len());
        let traced: Vec<_> = self
            .notes
            .par_iter()
            .map(|linked| {
                let mut rejected = vec![];
                let keep = |it| rejected.push(it);
                let targets = Arc::clone(&linked.targets);
                let mentions = linker::trace(linked.note(), &targets, &matcher, keep);
                (mentions, rejected)
            })
            .collect();
        let mut proof = Proof {
            terms: vec![TermProof::default(); self.catalog.terms.len()],
            compounds: vec![],
        };
        for (note, (mentions, mut rejected)) in traced.into_iter().enumerate() {
            for mention in mentions {
                proof.terms[mention.term()].mentions.push((note, mention));
            }
            rejected.sort_by_key(|it| (it.span, it.reason));
            rejected.dedup_by_key(|it| (it.term, it.span));
            for it in rejected {
                if it.reason == Reason::Compound {
                    proof.compounds.push((note, it.span));
                }
                proof.terms[it.term].rejected.push((note, it));
            }
        }
        for (term, places) in proof.terms.iter_mut().zip(&self.mentioned) {
            term.by_hand = places.len().saturating_sub(term.mentions.len());
        }
        proof
    }
}
