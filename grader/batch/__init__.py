"""Many submissions: intake, workers, the store of results, gradebooks."""
