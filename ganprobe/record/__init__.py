"""What an audit says, part by part: frozen values that go to JSON and back unchanged."""
