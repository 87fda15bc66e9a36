//! Importing tables: leads and listings an agency brings along, with the columns it has.
//!
//! Always true: nothing is made before somebody has seen what each column is taken for and says start; each row is made in
//! a transaction of its own together with its state, so a process that dies goes on where it was and makes nothing twice;
//! what is there already is not made again; what was made is taken back unless somebody worked on it. Nobody is written to
//! because of an import. What a row says is forgotten once it is made into something, and after a month if it never was.
//!
//! To take another field: its line in `fields.rs`, and for leads its use in `lead.rs`. How values are written: `values.rs`.

mod fields;
mod lead;
mod model;
mod property;
mod propose;
mod run;
mod store;
mod values;
mod work;

pub use fields::{Field, fields};
pub use model::{
    Column, Counts, Import, ImportError, ImportId, ImportKind, ImportRow, ImportState, NewImport, RowProblem, RowState,
};
pub use run::{Run, Undo};
pub use store::{find, forget_old, forget_person, list, rows};
pub use work::{begin, discard, map, start, undo};
