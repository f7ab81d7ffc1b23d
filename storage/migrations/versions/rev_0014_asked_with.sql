-- What paid questions were asked with, so that it can be said what trimming, the cache and batches
-- saved (earnings/analysts/savings.py). Null: asked before this was written down.
alter table paid_call
    add column sent_characters  int check (sent_characters > 0), -- of the whole prompt
    add column whole_characters int, -- the same with nothing of the document left out
    add column input_usd        numeric, -- for a million tokens: no cache, no batch
    add column output_usd       numeric,
    add column batch_share      numeric check (batch_share > 0), -- of these, in a batch
    add check ((sent_characters is null) = (whole_characters is null)),
    add check ((sent_characters is null) = (input_usd is null)),
    add check ((sent_characters is null) = (output_usd is null)),
    add check ((sent_characters is null) = (batch_share is null));
