//! The generic label engine: reads `Label: value` in text and label cell / value cell in HTML,
//! in five languages, for every portal. What a portal does differently is in its profile.

mod before;
pub(crate) mod block;
pub(crate) mod boilerplate;
mod cells;
pub(crate) mod collect;
pub(crate) mod found;
pub(crate) mod message;
pub(crate) mod pairs;
pub(crate) mod section;
mod shape;
pub(crate) mod table;
mod unlabelled;
mod words;

pub(crate) use collect::collect;
pub(crate) use found::Found;
