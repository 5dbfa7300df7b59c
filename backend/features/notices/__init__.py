"""Reaching people. Until the inbox and its channels stand here: one-time codes by SMS, and the development mailbox."""
