"""What several features stand on, one folder each."""
