"""What a reader sees: tables, words and figures of a record, and the formats that render them."""
