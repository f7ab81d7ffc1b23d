-- What an answer would have cost more had all of the document been sent, alone, without a cache
-- (earnings/analysts/savings.py); null where what it was asked with is not known.
alter table paid_call add column saved_usd numeric generated always as (
    case when state = 'answered'
    then ((input_tokens + cache_write_tokens + cache_read_tokens) * whole_characters::numeric
          / sent_characters * input_usd + output_tokens * output_usd) / 1000000 - cost_usd
    end
) stored;
