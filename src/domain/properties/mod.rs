//! Listings.

crate::ids::id_type!(
    /// A listing.
    PropertyId
);
