-- why: synonyms as data, what was searched for and with what success, and jobs that rebuild the projection
create table synonyms (
    term text constraint synonyms_term_pkey primary key,
    alternatives text[] not null,
    -- With one of these words in the query, or in the names of the chosen category, the word means itself.
    unless_words text[] not null,
    version integer not null,
    updated_at timestamptz not null
);

insert into synonyms (term, alternatives, unless_words, version, updated_at)
select term, string_to_array(alternatives, ','), string_to_array(unless_words, ','), 1, '2026-11-21'
from (values
    ('hp', 'handphone,ponsel,smartphone,telepon genggam', 'laptop,notebook,printer,komputer,pc,monitor,tinta,toner,omen,pavilion,victus'),
    ('handphone', 'hp,ponsel,smartphone,telepon genggam', ''),
    ('ponsel', 'hp,handphone,smartphone', ''),
    ('smartphone', 'hp,handphone,ponsel', ''),
    ('phone', 'hp,handphone,ponsel,smartphone', ''),
    ('laptop', 'notebook', ''),
    ('notebook', 'laptop', 'kertas,tulis,buku,paper'),
    ('computer', 'komputer', ''),
    ('tv', 'televisi,television', ''),
    ('televisi', 'tv', ''),
    ('kulkas', 'lemari es,refrigerator', ''),
    ('fridge', 'kulkas,lemari es', ''),
    ('ac', 'air conditioner,pendingin ruangan', ''),
    ('charger', 'pengisi daya', ''),
    ('headset', 'earphone,headphone', ''),
    ('headphone', 'headset,earphone', ''),
    ('earphone', 'headset,headphone', ''),
    ('motor', 'sepeda motor', ''),
    ('shoes', 'sepatu', ''),
    ('shoe', 'sepatu', ''),
    ('sneakers', 'sepatu,kets', ''),
    ('sandals', 'sandal', ''),
    ('shirt', 'kemeja,kaos,baju', ''),
    ('tshirt', 'kaos', ''),
    ('kaos', 'kaus,tshirt', ''),
    ('kaus', 'kaos', ''),
    ('dress', 'gaun', ''),
    ('trousers', 'celana', ''),
    ('pants', 'celana', ''),
    ('jacket', 'jaket', ''),
    ('bag', 'tas', ''),
    ('backpack', 'ransel,tas punggung', ''),
    ('ransel', 'tas punggung,backpack', ''),
    ('watch', 'jam tangan,arloji', ''),
    ('arloji', 'jam tangan', ''),
    ('hijab', 'jilbab,kerudung', ''),
    ('jilbab', 'hijab,kerudung', ''),
    ('kerudung', 'hijab,jilbab', ''),
    ('rice', 'beras', 'cooker'),
    ('coffee', 'kopi', ''),
    ('tea', 'teh', ''),
    ('vegetable', 'sayur,sayuran', ''),
    ('vegetables', 'sayur,sayuran', ''),
    ('sayur', 'sayuran,vegetables', ''),
    ('fruit', 'buah', ''),
    ('spinach', 'bayam', ''),
    ('chili', 'cabai,cabe', ''),
    ('cabe', 'cabai', ''),
    ('cabai', 'cabe', ''),
    ('chicken', 'ayam', ''),
    ('fish', 'ikan', ''),
    ('milk', 'susu', ''),
    ('honey', 'madu', ''),
    ('oil', 'minyak', ''),
    ('soap', 'sabun', ''),
    ('book', 'buku', ''),
    ('toy', 'mainan', ''),
    ('toys', 'mainan', ''),
    ('baby', 'bayi', ''),
    ('chair', 'kursi', ''),
    ('table', 'meja', ''),
    ('pan', 'wajan', ''),
    ('knife', 'pisau', ''),
    ('office', 'kantor', ''),
    ('kitchen', 'dapur', ''),
    ('school', 'sekolah', ''),
    ('cooking', 'goreng,masak', ''),
    ('running', 'lari', ''),
    ('fresh', 'segar', ''),
    ('leather', 'kulit', ''),
    ('wallet', 'dompet', ''),
    ('bottle', 'botol', ''),
    ('bicycle', 'sepeda', ''),
    ('women', 'wanita', ''),
    ('men', 'pria', ''),
    ('kids', 'anak', ''),
    ('red', 'merah', ''),
    ('green', 'hijau', ''),
    ('white', 'putih', ''),
    ('black', 'hitam', ''),
    ('blue', 'biru', '')
) seeds (term, alternatives, unless_words);

-- No person, no session, no address: who searched is not kept.
create table searches (
    search_id uuid constraint searches_search_id_pkey primary key,
    searched_at timestamptz not null,
    query text not null,
    hits integer not null,
    rescue text,
    engine text not null
);
create index searches_searched_at_idx on searches (searched_at);

create table search_clicks (
    search_id uuid not null constraint search_clicks_search_id_fkey references searches on delete cascade,
    product_id uuid not null,
    position integer not null,
    clicked_at timestamptz not null,
    constraint search_clicks_search_id_product_id_pkey primary key (search_id, product_id)
);

create table reindexes (
    reindex_id uuid constraint reindexes_reindex_id_pkey primary key,
    status text not null constraint reindexes_status_check check (status in ('RUNNING', 'DONE', 'FAILED')),
    phase text not null,
    -- The last thing of the phase that is done.
    after_id uuid,
    done bigint not null default 0,
    removed bigint not null default 0,
    index_name text,
    -- Documents of this version or later changed while an index was being filled.
    changed_since bigint,
    error text,
    requested_by text not null,
    started_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz
);
create unique index reindexes_running_key on reindexes (status) where status = 'RUNNING';
create index reindexes_started_at_idx on reindexes (started_at);

-- When chores were last done, so that several workers do each once.
create table chores (
    name text constraint chores_name_pkey primary key,
    done_at timestamptz not null
);
