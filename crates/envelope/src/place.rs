//! Where a sealed value belongs.

/// The one place an envelope opens in: a cell of a table of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose it is; empty for what is nobody's in particular.
    pub tenant: &'a [u8],
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// What names the row.
    pub row: &'a [u8],
}

impl Place<'_> {
    /// The associated data: the header of the envelope and the place. Each part stands behind its length, so that no two
    /// places have the same bytes (`("ab", "c")` is not `("a", "bc")`).
    pub(crate) fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let parts = [header, self.tenant, self.table.as_bytes(), self.column.as_bytes(), self.row];
        let mut data = Vec::with_capacity(parts.iter().map(|part| part.len() + size_of::<u64>()).sum());
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}
