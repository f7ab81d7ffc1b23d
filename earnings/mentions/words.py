"""Words that decide whether a name is meant: ordinary ones, people and places, and those that
only stand beside a company.

The lists need not be whole. A word that is missing from `ORDINARY` is taken for a coined name;
whoever adds a company with such a name finds it out by a test, and adds the word.
"""

from __future__ import annotations


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that stand in any text, and of which names are made.
ORDINARY = _set(
    """
    a about above academy access account ace action active advance advantage adventure air all
    alpha always amber american anchor angel apple arch arena arrow art ascend ask asset at atlas
    auto baby back bad bag ball band bank banana bar bargain barn barrel base basic basket bath
    bay beach beacon bean bear beauty bed bee bell below belt best beyond big bird bite black
    blade blaze blind block blossom blue board boat body bolt bond book boot border boss bottle
    boundless bounty bow bowl box brand brave bread break brick bridge bright brilliant broad brook
    brother brown buckle bud build bull burger burlap burn bus bush business button buy buyer by
    cabin cable cake call camp camping can canvas cap capital car card care cargo carpet carry cart
    case cash castle cat catch cedar center central chain chair chalk champion chance change
    charge charm chart chase cheap check cheer cheese chef cherry chewy chic chief child
    children chip choice city claim class classic clean clear clever click cliff climb clip
    clock close cloth clothes cloud clover club coach coal coast coat code coffee cold collar
    collect color come comfort common company compass complete conn connect container cook cool
    copper coral core corner cottage cotton count country couple course court cove cover cracker
    craft crate cream credit crest crew crimson cross crown cruise cup curl current cut daily dark
    dash data day deal dear deck deep deer delight denim department design designer desk dial
    diamond digital dig dine direct discount discover dish dock dog doll dollar door dot double
    dove down draft dragon drape dream dress drift drink drive drop drum dry duck dutch eagle early
    earth east easy eat echo edge egg elder electric element elite ember emerald empire end energy
    engine enjoy enterprise envy epic equal essential ever every evolve exchange express extra eye
    fabric face factory fair falcon fall family fan far farm farmer fashion fast favor feather
    feel field fig figure film find fine fire first fish fit five fix flag flame flare flash flat
    fleet flex flight float floor flow flower fly focus fold food foot for force forest forever
    forge form fort forward foundation fountain four fox frame free fresh friend frog front frost
    fruit fuel full fun fund funnel furniture fusion future gallery game gap garden gate gather
    gear gem general gentle genuine giant gift girl give glass glow go gold golden good goods
    grace grain grand grape graph grass gravity great green grid grill grocer grocery ground
    group grove grow guard guess guest guide guitar gulf habit hair half hall hammer hand handle
    happy harbor hard harvest hat haven hawk head health heart hearth heat heaven heavy help
    herald here heritage hero hidden high hill hint hit hive hold hollow home honest honey hood
    hook hop hope horizon horn horse host hot house hub huddle hungry hunt hut ice icon idea
    ignite image impact indigo inn inside instant iron island it ivory ivy jacket jade jar jean
    jet jewel join journey joy juice jump jungle junior just keen keep key kid kin kind king kit
    kitchen kite knife knot label lace ladder lake lamb lamp land lane lantern large last late
    launch laurel leaf league lean learn leather left legacy lemon level liberty life lift light
    lilac lily lime line link lion list little live lock locker lodge loft logic long look loop
    lot lotus love low loyal luck lucky lunar lush magic magnet main major make mall man mango
    maple march mark market mass master match mate material max maze meadow medal melon memory
    men merchant mercy merit mesh metal method metro mid mile milk mill mind mine mint mirror
    miss mist model modern moment money monitor moon more moss mother motion motor mount mountain
    move movement much music must narrow nation national native natural nature navy near neat
    nest net new news next night nimble nine noble north note nova now number oak oasis ocean
    office off oil old olive on one only onward open orange orbit orchard order organic origin
    other our out outback outdoor outlet outpost outlook over owl own oyster pace pack pact page
    paint pair palace palm panda panel panther paper parade park part partner party pass past
    patch path pattern peach peak pear pearl peg pen people pepper perfect pet petal petite piano
    picture pie pilot pin pine pink pioneer pipe pizza place plain plan planet plant plate play
    plaza plenty plum plus pocket point polar pole polish polo pool pop port post pot power prairie
    precious premier press prestige price pride prime print pro product progress project promise
    proper prosper public pulse pump punch pure purple purpose quality queen quest quick quiet
    quill rabbit race rack radar radiant rage rail rain rally ranch range rapid rare raven reach
    ready real rebel record red reef refine reform regal rent republic reserve resort rest
    restoration retail rev revolve reward rich ride ridge right ring rise river road roast robin
    rock rocket roll roof room root rope rose rough round route row royal ruby rule rumble run
    runway rush rustic saddle safe sage sail saint salad sale salon salt sand satin saver savory
    save scale scene school science scout scrap sea seal season seat second secret see seed select
    sense seven shack shade shake shape share sharp shark sheet shell shelter shield shift shine
    ship shirt shoe shop shore short show shower side sight sign signal signet silk silver simple
    single six sky slack sleep sleeve slice slick small smart smile smoke smooth snack snap snow
    social soft sole solid solo song sonic soul sound soup source south space spark sparrow speed
    spice spirit split sport spot spring spruce sprout square stable stack staff stage stamp
    stand staple star start state station steak steam steel stem step stitch stock stone stop
    store storm story stove straight straw stream street stride strike string stripe strive
    strong studio style sugar suit summer summit sun super supply supreme sure surf surge swan
    sweet swift swim swing switch sword symbol system table tag tail tailor take tale talk
    talent tall tan tank tap tape target taste tea team tech temple ten tent terra texture
    thread three thrift thrive throne tide tiger tile timber time tin tip title toast tool top
    torch torrid total touch tough tour tower town toy track tractor trade trail train travel
    treasure treat tree trend tribe trip trophy true trunk trust truth try tub tulip tune turbo
    turn twin two ultra umbrella under union unique united unity universe up upper urban urge use
    vacuum valley value van vast vault vector velvet venture verve very vest view villa village
    vine vintage violet vision vista vital vivid voice volt vote voyage wagon walk wall wander
    ware warehouse warm warrior wash watch water wave way wealth wear weather web wedge week
    welcome well west whale wheat wheel whisper white whole wholesale wide wild willow win wind
    window wine wing winner winter wire wise wish wolf woman women wonder wood wool woof word work
    world worth wrap wrangler yard year yellow yes yield young your zebra zen zero zest zone zoom
    visa meta ford columbia tops figs torrent chipper roar gross bed
    """
)

# Names people and places bear. A company of one is meant only where something says so.
PEOPLE_AND_PLACES = _set(
    """
    aaron adam alex alice amanda amy andrew anna anthony arthur austin ben benjamin bill bob boston
    brandon brian burlington carl carter casey charles charlotte chester chico chris claire clark
    columbia conway dallas dan daniel dave david denver dick dillon don doug douglas duluth dylan
    ed edward ellen emily emma eric ernest eva evans ferguson foster frank fred gary george gordon
    grant guy hannah harris harry helen henry hibbett hilton holly howard hudson ian jack jackson
    jacob james jane jason jay jean jeff jennifer jerry jessica jim jimmy joe john johnson jordan
    joseph josh julia justin karen kate kelly ken kevin kim kirkland kyle larry laura lee lewis
    linda lincoln lisa logan louis lucas luke madison maria marie mark marshall martin mary mason
    matt max mclane melissa meyer michael michelle mike miller mitchell montana morgan murphy nancy
    nathan nick nicole nina nolan nordstrom oliver ollie oreilly oscar owen parker patrick paul
    penney peter phil phillip phoenix rachel ray raymond rebecca reed richard rob robert robin
    roger ron rosie ross roy russell ruth ryan sally sam samantha samuel sandra sara sarah scott
    sean sears shane simon smith spencer stanley stella stephen steve steven stewart sue susan
    taylor ted tennessee terry texas thomas tiffany tilly tim todd tom tommy tony tracy troy tucker
    tyler vera victor victoria vincent virginia walker walter warren washington wayne wendy wes
    whitney wilbur will william williams wilson winston york zach
    """
)

# First names before which a surname is a person's.
INTRODUCES_PEOPLE = PEOPLE_AND_PLACES | _set("mr mrs ms dr sir rep sen gov judge president justice")

# What names end in that says what a company is, not who. Before these a name may stand alone.
DESCRIPTORS = _set(
    """
    store stores wholesale club outlet market markets farmers super sporting sports goods outdoors
    beauty jewelers jewellers automotive athletica furniture health bargain grocers brands retail
    retailers general usa
    """
)
LEGAL = _set("inc corp corporation co company ltd limited plc llc holdings holding group")
# Tickers that stand in text for something else, also in capitals.
TICKERS_IN_TEXT = _set("CAL GAP LOW EYE ALL NOW CAR ONE USA CEO IPO ETF BIG KEY AI EV ARE FAST")

# Directly behind a name: only companies have these.
NOUNS = _set(
    """
    inc corp corporation plc ceo cfo coo cmo cto chief chairman chairwoman chair executive
    executives exec execs shares share stock stocks earnings q1 q2 q3 q4 revenue revenues profit
    profits sales comps results guidance outlook forecast stores store employees investors
    shareholders board layoffs holdings first-quarter second-quarter third-quarter fourth-quarter
    full-year fiscal same-store comparable quarterly dividend buyback ipo spinoff takeover
    """
)
# Those that a person or a town has as well.
NOT_FOR_PEOPLE = _set("chief chair chairman chairwoman executive board employees forecast outlook "
                      "results investors")  # fmt: skip

# Directly behind a name: what companies do and words seldom do.
VERBS = _set(
    """
    raises cuts reports posts names appoints hires plans announces launches unveils acquires
    buys sells partners expands beats misses warns expects forecasts lowers reaffirms reiterates
    maintains taps debuts recalls sues settles invests slashes tests adds joins pulls tops swings
    lifts trims boosts files ousts promotes bets teams rolls lays blames eyes inks withdraws
    delays pauses revamps overhauls relaunches reveals introduces offers opens nears surpasses
    accelerates logs records tumbles soars plunges sinks surges rallies slumps slips slides jumps
    raised cut reported posted named appointed hired said announced launched unveiled acquired
    bought sold beat warned lowered reaffirmed tapped recalled sued settled invested slashed lifted
    trimmed boosted filed ousted promoted
    """
)
# Behind two words with capitals more is said of a company than of anything else.
PHRASE_VERBS = VERBS | _set(
    """
    says closes explores ends shows gets gains falls rises drops wins grows leads faces seeks weighs
    keeps turns makes takes starts begins narrows widens struggles thrives returns brings sees
    shares is has will
    """
)
# Behind somebody's name only together with one of these further on.
FIGURES = _set(
    "ceo cfo coo q1 q2 q3 q4 comps earnings dividend shares stock guidance profit revenue "
    "first-quarter second-quarter third-quarter fourth-quarter full-year fiscal"
)
# No name by themselves, whoever bears them.
FUNCTION = _set(
    """
    a all and any at be by do for go here in is it me my new next no not now of off on one or our
    out so the this to up us we you your
    """
)
AFTER_TO = _set(
    """
    open close acquire buy sell launch expand cut lay hire add invest raise report pay offer merge
    spin exit shut remodel test host sponsor release list slash replace pilot partner debut recall
    """
)

# Behind these, or at the start, a name begins; elsewhere in a Title Like This it may be a verb.
LEADS_IN = _set(
    """
    at by from with as after while why how inside of vs versus but when before than like against
    into retailer retailers giant rival chain discounter competitor behemoth grocer merchant
    despite amid via says
    """
)
DETERMINERS = _set("a an the your this that our their his her my its every another no any some "
                   "these those each which what off-price")  # fmt: skip
NOT_BEFORE = _set("of between date dates price prices practice audience audiences market markets "
                  "year years insurance")  # fmt: skip

# A place or a thing of the same name as a company that is usually meant.
OTHERWISE = {
    "amazon": _set("rainforest river basin jungle deforestation tribe tribes forest brazil "
                   "brazilian indigenous rainforests wildfires"),
    "chewy": frozenset(),
}  # fmt: skip
