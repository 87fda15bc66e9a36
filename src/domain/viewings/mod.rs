//! Appointments.
pub mod slots;
