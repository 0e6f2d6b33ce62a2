//! The regions that simulated servers live in, with what Azure offers there.

/// A region of Azure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) name: &'static str,
    pub(super) display: &'static str,
    pub(super) code: &'static str,
    pub(super) zones: bool,
    /// Geo-redundant backup needs a paired region.
    pub(super) pair: Option<&'static str>,
}

pub(super) const REGIONS: [Region; 11] = [
    region(
        "westeurope",
        "West Europe",
        "weu",
        true,
        Some("northeurope"),
    ),
    region(
        "northeurope",
        "North Europe",
        "neu",
        true,
        Some("westeurope"),
    ),
    region("eastus2", "East US 2", "eus2", true, Some("centralus")),
    region("uksouth", "UK South", "uks", true, Some("ukwest")),
    region(
        "germanywestcentral",
        "Germany West Central",
        "gwc",
        true,
        Some("germanynorth"),
    ),
    region(
        "southeastasia",
        "Southeast Asia",
        "sea",
        true,
        Some("eastasia"),
    ),
    region(
        "swedencentral",
        "Sweden Central",
        "sec",
        true,
        Some("swedensouth"),
    ),
    region("japaneast", "Japan East", "jpe", true, Some("japanwest")),
    region("westus", "West US", "wus", false, Some("eastus")),
    region("italynorth", "Italy North", "itn", true, None),
    region("polandcentral", "Poland Central", "plc", true, None),
];

/// How many of them, from the first on, have a pair.
pub(super) const PAIRED: usize = 9;

const fn region(
    name: &'static str,
    display: &'static str,
    code: &'static str,
    zones: bool,
    pair: Option<&'static str>,
) -> Region {
    Region {
        name,
        display,
        code,
        zones,
        pair,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paired_regions_come_first() {
        assert!(REGIONS[..PAIRED].iter().all(|it| it.pair.is_some()));
        assert!(REGIONS[PAIRED..].iter().all(|it| it.pair.is_none()));
    }
}
