"""The public post (bưu chính công ích): letters printed in batches, and parcels with their tracking."""
