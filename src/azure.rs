//! Azure, read-only: clouds, credentials, the one client of Azure Resource Manager and of Resource Graph.
