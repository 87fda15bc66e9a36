//! Figures of an agency over some of its days.
//!
//! Always true: a figure counts what came in on the days asked for, days of the agency's own zone, as it stands now; agents
//! get the figures of their own leads and viewings. Each figure is one query over rows of an index, whatever the number of
//! people and listings (`store.rs`).

mod model;
mod store;

pub use model::{
    AgentFigures, Answers, Counted, Days, DaysError, Leads, MOST_DAYS, PropertyFigures, Statistics, Viewings,
};
pub use store::statistics;
