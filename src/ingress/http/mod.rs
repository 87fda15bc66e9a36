//! HTTP: public pages.

pub mod pages;
