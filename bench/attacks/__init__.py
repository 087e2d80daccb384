"""What small requests of bad will cost, and what an honest client notices of them."""
