//! Reference catalogues: the baselines that Microsoft publishes as workbooks, one a service.
//!
//! The built-in [`Catalogue`](super::Catalogue) is written by hand from the baseline page of one service. A workbook
//! holds the same kind of facts in Microsoft's own words, for that service and for others. Here the rows of a workbook
//! become a [`ReferenceCatalogue`] ([`read`]), which can be looked things up in ([`hits`]) and compared with the
//! built-in catalogue fact by fact ([`compare`]). Nobody is judged by a reference.
//!
//! The layout is that of the folder `Azure Offer Security Baselines/3.0` in the repository
//! MicrosoftDocs/SecurityBenchmarks: a sheet `Feature Summary` with one row a feature, and a sheet `Security Profile`.
//! How the cells get out of a file is not known here.

mod cells;
mod compare;
mod declared;
mod layout;
mod model;
mod search;

pub use cells::{Cell, Row, Sheet, column_name};
pub use compare::{Comparison, Difference, Fact, NOT_COMPARED, compare};
pub use declared::{Declared, DeclaredFact, declared};
pub use layout::{LayoutError, Origin, read};
pub use model::{ProfileAttribute, ReferenceCatalogue, ReferenceFeature};
pub use search::{Hit, hits, hits_of_reference};
