// A catalogue of any size, made from the seeded one: each service repeated for each channel and place.
const places = words(`
  Bakı/Baku/Баку, Gəncə/Ganja/Гянджа, Sumqayıt/Sumgait/Сумгаит, Mingəçevir/Mingachevir/Мингячевир, Naxçıvan/Nakhchivan/Нахчыван,
  Şirvan/Shirvan/Ширван, Yevlax/Yevlakh/Евлах, Lənkəran/Lankaran/Ленкорань, Şəki/Shaki/Шеки, Xankəndi/Khankendi/Ханкенди,
  Abşeron/Absheron/Абшерон, Ağcabədi/Aghjabadi/Агджабеди, Ağdam/Aghdam/Агдам, Ağdaş/Aghdash/Агдаш, Ağstafa/Aghstafa/Акстафа,
  Ağsu/Aghsu/Ахсу, Astara/Astara/Астара, Balakən/Balakan/Балакен, Bərdə/Barda/Барда, Beyləqan/Beylagan/Бейлаган,
  Biləsuvar/Bilasuvar/Билясувар, Cəlilabad/Jalilabad/Джалилабад, Daşkəsən/Dashkasan/Дашкесан, Füzuli/Fuzuli/Физули,
  Göyçay/Goychay/Гёйчай, Hacıqabul/Hajigabul/Гаджигабул, İmişli/Imishli/Имишли, İsmayıllı/Ismayilli/Исмаиллы,
  Kəlbəcər/Kalbajar/Кельбаджар, Kürdəmir/Kurdamir/Кюрдамир, Qax/Gakh/Гах, Qazax/Gazakh/Газах, Qəbələ/Gabala/Габала,
  Quba/Guba/Губа, Qusar/Gusar/Гусар, Laçın/Lachin/Лачин, Masallı/Masalli/Масаллы, Neftçala/Neftchala/Нефтечала,
  Oğuz/Oghuz/Огуз, Saatlı/Saatli/Саатлы, Sabirabad/Sabirabad/Сабирабад, Salyan/Salyan/Сальян, Şamaxı/Shamakhi/Шамахы,
  Şəmkir/Shamkir/Шамкир, Şuşa/Shusha/Шуша, Tovuz/Tovuz/Товуз, Ucar/Ujar/Уджар, Zaqatala/Zagatala/Загатала`)
const ways = words(
  'ilk dəfə/for the first time/впервые, təkrar/again/повторно, nümayəndə vasitəsilə/through a representative/через представителя',
)

function words(text) {
  return text.split(',').map((entry) => {
    const [az, en, ru] = entry.trim().split('/')
    return { az, en, ru }
  })
}

/**
 * Adds services until there are `count`, each with a copy of its original's rules and tariffs. Of those added, one
 * in twenty is a draft, one suspended, one retired.
 */
export async function growCatalogue(sql, count) {
  const [{ made }] = await sql`select count(*)::int as made from services`
  await sql.begin(async (sql) => {
    await sql`create temp table copies on commit drop as
      select gen_random_uuid() as id, gen_random_uuid() as version_id, service.id as of, service.code || '-' || at as code,
        (array['DRAFT', 'SUSPENDED', 'RETIRED'])[1 + (at + length(service.code)) % 20]::service_status as status,
        jsonb_build_object(${placed('az')}, ${placed('en')}, ${placed('ru')}) as name
      from jsonb_array_elements(${sql.json(places)}) with ordinality places(place, p),
        jsonb_array_elements(${sql.json(ways)}) with ordinality ways(way, w), lateral (select p * 10 + w as at) numbered,
        services service
      where service.seeded is not null and not exists (select from services where code = service.code || '-' || at)
      order by at, service.code limit ${count - made}`
    await copy(
      'services',
      { id: 'c.id', code: 'c.code', name: 'c.name', status: `coalesce(c.status, 'ACTIVE')`, seeded: 'null' },
      'o.id = c.of',
    )
    await copy('service_versions', { id: 'c.version_id', service_id: 'c.id', seeded: 'null' }, 'o.service_id = c.of')
    await copy(
      'tariffs',
      { id: 'gen_random_uuid()', version_id: 'c.version_id' },
      'o.version_id = (select id from service_versions where service_id = c.of order by number desc limit 1)',
    )
    // Each copied tariff has the code of its original, which is in another version.
    await sql`create temp table copied on commit drop as
      select made.id, original.id as of from copies c join tariffs made on made.version_id = c.version_id
        join tariffs original on original.code = made.code and original.version_id = (
          select id from service_versions where service_id = c.of order by number desc limit 1)`
    for (const name of ['fees', 'processing_terms'])
      await copy(name, { id: 'gen_random_uuid()', tariff_id: 'c.id' }, 'o.tariff_id = c.of', 'copied')

    /** The place comes first, so that a page ordered by name has different services. */
    function placed(language) {
      return sql`${language}::text, (place ->> ${language}) || ': ' || (service.name ->> ${language}) || ', ' || (way ->> ${language})`
    }
    /** Copies the rows of a table for each new service or tariff, with some columns changed. */
    async function copy(table, set, condition, of = 'copies') {
      const columns = await sql`select attname as name from pg_attribute
        where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`
      const names = columns.map(({ name }) => name)
      await sql.unsafe(`insert into ${table} (${names.join(', ')})
        select ${names.map((name) => set[name] ?? `o.${name}`).join(', ')} from ${table} o join ${of} c on ${condition}`)
    }
  })
  await sql`vacuum analyze`
}
