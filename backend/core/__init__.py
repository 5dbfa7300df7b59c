"""What every room stands on: configuration, time, ids, errors, words. Imports nothing of ours."""
