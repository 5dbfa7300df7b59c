"""Operations: what the company's administrator sees of the timers and the audit, and may set right by hand."""
