"""Many submissions: intake, workers, store, gradebook."""
