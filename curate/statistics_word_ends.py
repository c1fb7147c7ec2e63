"""What English words end with: the last four letters of common words, and whole words of two and three letters.

>>> bool(np.isin(packed("averag"), word_ends())), bool(np.isin(packed("average"), word_ends()))
(False, True)

Counted by ourselves in the English sets that the benchmarks name: endings that are common there, whole words of four
letters among them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]

N_LETTERS = 4  # of an ending


def packed(word: str) -> int:
    """The last letters of a word in one number, a byte each."""
    return int.from_bytes(word[-N_LETTERS:].encode("ascii"), "big")


@lru_cache(maxsize=1)
def word_ends() -> Codes:
    """All endings, int64, sorted."""
    return np.array(sorted({packed(end) for end in (_SHORT + _ENDS).split()}), np.int64)


_SHORT = (
    "the of and to is in for are has on as he can she be it his her by how or at per was you an so day one two had all "
    "did not we if get new up old but out who buy its use pay do now him may any add got off car box our age no eat "
    "set ate me dog my end red way run go kg own put see sum ice bag ft top gas men job six won far ten cup cm cut us "
    "km mg few too due big air man bus am tax pie sq non art mom key ml ago lot cat ask jar hot app why row oil ran "
    "win tip son mph oz fee saw try sea bar low pet let bed pm gum say sun fit egg tea la war dad fun hit sky dry boy "
    "pre toy gym fix st law via lbs lb log etc zoo bad ham yet mix bit web led hat pen map net ad eye fly pot co pop "
    "die lap kid arm leg ear lip hip gut sad mad joy cry sip dip zip rap rip tap cap gap map nap lab mud rug bug hug "
    "mug jug rub tub pub hub cab gun nut hut pit pat rat bat mat fat wet vet yes ok tv id hr hrs min sec pin fin tin "
    "bin sin van fan pan tan ban raw jaw paw dew sew few bow cow tow vow owl ink aid aim act era ion ore oak ash elm "
    "bee fox pig hen cub ski spa sum gem ivy fog fur lid rod wax wed yard goo moo ox ax pi mi hi oh ah "
    "i "
)
_ENDS = (
    "abel abis able ably abor aced aces acks acle acon acre acts adds aded ader ades adio adow afts aged ager ages "
    "agic agon ague aids aign ails aily aims ains aint ainy airs airy aise aits ajor aked aken aker akes alad aled "
    "ales alid alks alls ally alon alse also alth alty alue amas ambs amed amel ames amic amid amon amps anas ance "
    "anch ancy anda ands andy aned aner anes anet ange ango anic anks ants anut aped aper apes aphs aphy aple apps "
    "appy arby arch ards area ared ares arge argo ario arks arly arms army arns arry arse arth arts arty ased aser "
    "ases aset asic asil asis asks ason asta aste asts atch ated aten ater ates aths athy atic atio atly ator atts "
    "atus auce ault aunt ause auty aved avel aves avor away awns axes ayed ayer baby back bage bags bake ball band "
    "bank bars base bate bath bats bber bbit bble bbon bean bear beat beds beef been beer bees bell bels bers best "
    "bies bike bile bill bine bing bird bits bled blem bles blic blog blow blue bmit boat body bols bone book born "
    "bors boss both bots bout bove bowl boys bras bric bugs bulk bums buns burn bush busy bute buys cade cake cale "
    "call calm cals came camp cans cant cape caps card care cars cart case cash cast cate cats ccer ccur cean ceed "
    "cell cene cent cept cern cers cert cery cess ched chef chen cher ches chip chop cial cian cide cids cies cils "
    "cine cing cipe cise city cked cken cker cket ckey ckle ckly ckup clay cles club cnic coal coat code coin cold "
    "coli come cond cone cook cool coop cope copy cord core corn cost cout cows cres cret crew cted cter ctic ctly "
    "ctor cube cuit cult cups cure curs cuss cute cuts cuum dals dant dapt dard dark dary data date days dbox dded "
    "dden dder ddle dead deal deas debt deck deed deep deer dees dels dely dent deos dern ders desk dest dful dges "
    "dget dian dice dict died dies diet dify ding dish dits dity dium dive dles does dogs doll done door dose down "
    "dows draw dred dren drew drop drug dual duce duck duct dule dult eace each eade eads eady eage eaks eals eams "
    "eans eant eard earn ears eart ease east easy eate eath eats eave eavy ebra ebts eces echo ecks ects eded edes "
    "edge edia edit edly edom eech eeds eeks eels eems eens eeps eers eese eeth eets eeze efer efit eful egal egan "
    "egar eger eggs egic egin egos eigh eign eine eing eins eive ekly elay elds eled elet ella ello ells elly elon "
    "elop elos elow elps elry else elts elve emed emes emic emon empt ence ench ency ends ened enes enge enly enon "
    "ense enth ents enty enue eone eons eory eous eper eply epth epts eral eras ered ergy eria eric erky erly erms "
    "erns erry erse erts erty erve eses esis esos esto ests etal etch eted eter etes etic etry ette etty eved evel "
    "even ever eves ewed ewer exam exit exts eyes face fact fair fall fare farm fast feat fect feed feel fees feet "
    "fell felt fely fers fety ffed ffee ffer ffes ffic ffin fice fied fier fies file fill film find fine fing fins "
    "fire firm fish fits five flag flat flew flow fold food foot ford fore form fort four frac free frog from fted "
    "ften fter fuel full fund fway gage gain game gars gate gave gels gent gers gest gets gful gged gger ggle ghed "
    "gher ghly ghts gies gift gina gine ging gins gion girl gist gits give gled gles glue gnal gned goal goes gold "
    "golf gone gons good gory gram gree gret grew grey grow gths gues guns gure gurt hain hair hale half halk hall "
    "hand hank hant hape haps hard hare hark harm hart hase hats have hbor hday head hear heat heck heel heep heet "
    "heir held helf hell help hels heme hens here hern hero hers hese hest hews hich hick hics hids hief hier hies "
    "hift high hike hild hile hill hind hine hing hink hins hion hips hird hire hirt hite hits hive hods hoes hoir "
    "hold hole home hone hood hool hoop hope hops hore hort hose host hoto hots hour hout hown hows hree hrew hrow "
    "hter htly huge hunt hups hway hyme iage ials iano ians iant iate ibed iber ibes ibit ible ibly ical iced icer "
    "ices icit icks icle icts iday idea ided ideo ider ides idge idly idth iece iefs ield iend ient iers iest iety "
    "ieve iews ific ifth ifts ifty iful iggy ighs ight igit igns iked ikes ilar ilds iled iler iles ilet illa ills "
    "ilms ilor ilos imal imbs imed imer imes imit imum inal ince inch inct inds inea ined iner ines inet ings inks "
    "inly inst into ints inue inus iods ions iors ious ipal iped ipes iple iply ipop ique iral irds ired ires irls "
    "iron irst irth irts irty irus ised iser ises isis isit isks isms ison isor ists ital itat itch ited item iter "
    "ites ithm itle itor itos iums ival ived iven iver ives ixed ixes ixth ized izer izes izza jars ject jobs jogs "
    "join jump jury just kage kday keep kels kely kend kens kept kers kery kets keup keys kids kies kill kind king "
    "kins kips kite kles knew knit know kout lace lack lage lags laid laim lain lake land lane lank lans lant laps "
    "lars lary lash lass last late lawn laws lays lbum lded lden lder lead leaf leak lean lear leas lect leep left "
    "lege lego legs lems lent lept lers lery less lest lete lets liar lice lick lict licy lide lied lief lier lies "
    "life lift lify like limb lime line ling link lion lips lish lism list lite lits lity lium live lize lked llar "
    "lled llel llen ller llet lley llon llow lmon load loaf loan lock logs logy lone long lons lood look loon loop "
    "loor lore lors lose loss lost loth lots loud lour love lown lows lped lted lter lthy lubs luck lude lues luid "
    "lume lumn lums lure lush lved lver lves lyze made mage mail main make male mall mals mand mans many mark mart "
    "mary mask mass mate math mato mats mbed mber mble mbol mboo meal mean meat medy meet mell mels mely mend ment "
    "menu mera mers meta mets mful mial mice mics mies mild mile milk mily mind mine ming mini mino mise miss mits "
    "mium mize mmed mmer mmon mode mond mong mons mony mood moon more mory most mote mous move mped mper mple mply "
    "mpoo mpts mpty mpus much mugs mula must nack nade nage nail nake nals name nana nant nary nate nced ncer nces "
    "ncil ncin ncle ndas nded nder ndex ndle ndly ndma ndom ndor ndow ndry near nect need neer nels nent ners nery "
    "ness nest nets news next nged nger nges ngle ngly ngos ngry ngst ngth nias nice nics nies nine ning nion nior "
    "nips nish nism nist nite nits nity nize njoy nked nker nkey nned nnel nner nnis nnot node nola nomy noon nose "
    "note noun nous nown nows nput nses nsic ntal nted nter nths ntic ntil ntly ntry ntum nual nued nues nute nuts "
    "nvas nvey oach oads oals oans oard oast oats obal obby obot ocal ocks ocus odas oday odds oded odel oden odes "
    "odle ofas ofit ogen ogic ohol oice oing oins oint oise oked oken okes okie olar olds oler oles olid olio olls "
    "olor olts olve oman omen omer omes omic ompt onal once onds oned oner ones oney ongs onic only onse onst onth "
    "onto onus onut oods ooks ools ooms oons oops oors oose ooth oots oped open oper opes opic ople oral orce ords "
    "ored ores orie orks orld orms orns orry orse orth orts orty osal osed osen oser oses oset osis osit osts otal "
    "oted otel otes otic otor otos ouch ouds ough ould ound oung ouns ount oups ours ourt ouse oute outh outs oval "
    "oved ovel oven over oves ovie owed owel ower owes owls owly owns owth oxes oyed oyee ozen pace pack pact page "
    "paid pain pair pans pany pare park part pass past pate path pays peak pear peas peat pect peed peel pend pens "
    "pent pers pert pest pets pful phew phic pick pics pied pies pigs pile pill pine ping pink pins pire pite pkin "
    "plan play pled pler ples plex plit plot plus pods poem pole pond pons pool poon poor pops pork port pose post "
    "pots pped ppen pper pple pply pray pted pter ptop pull pump pups push puts qual quat ques quet quid quit quiz "
    "rabs race rack ract racy rade raft rage raid rail rain rait rall rals rame rams rand rang rank rant rape raph "
    "raps rapy rare rary rase rash rass rast rate rats raud rave raws rays rbed rble rbon rces rcle rcut rday rded "
    "rden rder read reak real ream reas reat rect reed reen reer rees reet rels rely reme rend rent rers resh ress "
    "rest rete rets rews rful rged rger rges rget rgic rgot rial rian ribe rice rich rics rict ride ried rief rier "
    "ries rify rike rill rily rime rimp rine ring rink rint riod rior rios ripe rips ript rise risk rism rist rite "
    "rits rity rium rive rize rked rker rket rlic rmal rman rmat rmed rmer rnal rned rner rnet rney road robe rock "
    "rode rogs roke role roll rols rong roni rons ront roof room roos root rope rops rors rose ross rote rots roup "
    "rous rout rove rown rows rpet rple rray rred rrel rror rrot rrow rsal rsed rses rson rted rten rter rtle rton "
    "ruck rugs ruit rule rums runk runs rupt rush rust ruth rved rver rves rvey ryer sack safe sage saic said sail "
    "sale salt same sand sant sary save says scle scue seat seed seek seem seen sees self sell sels sely send sent "
    "sers sert sess sets seum sfer sful shed sher shes ship shoe shop shot show sick sics side sier sies sify sign "
    "silk sils sily sing sins sion sist site sits sity sive size sked sket skin skip sley slow sman snow soap soda "
    "sode soft soil sold sole some song sons soon sors sort soup sour spot ssay ssed sses ssic ssly sson ssue star "
    "stay sted stem sten step ster stic stle stly stom stop stor stry sual such sues suit sult sume sure swam swer "
    "swim tabs tack tact taff tage tags tail tain take talk tall tals tamp tand tank tant tape tard tars tart tary "
    "task tasy tate tato tats taxi tays tbot tead teak team tech tect teel teen tegy tein tell tely tems tend tens "
    "tent teps term tern ters tery test text tful than that them then ther thes they thin this thly thms thod thon "
    "thor thus tial tice tick tics tied ties tify tile till time tine ting tins tiny tion tips tire tise tist tity "
    "tive tize tled tles tner tock toes told tole toll toms tone tons tood took tool toos tops tore torm tors tory "
    "tour town toys tput tral trap traw tray tree tres tric trip trix trol true tted tten tter ttes ttle ttom tton "
    "ttps tual tubs tuce tude tudy tues tuff tuna tups ture turn tury tute twin tyle type uage uals uard uare uart "
    "uate ubes ubic uble uced uces ucks ucts uded udes udge udio uent uery uess uest uets uffs ugar ught uice uick "
    "uide uild uilt uing uins uire uite uits uity ular ulbs uled ules ulls ully ulti ults ulty ulum ulus uman umed "
    "umes ummy umns umps unce unch uncy unds unit unny unts uous uper uple upon uppy ural urce urch ured urer ures "
    "urly urns uros urse urth urts used user uses usic usin usly uted uter utes uyer vacy vals vant vary vase vast "
    "vate vels vely vent verb vere vers vert very vest veys vice vide vies view vily ving vior vity vive void vors "
    "vote wage wait wake walk wall want ward ware warm wash wave ways wder wear weed week ween weet well wels went "
    "were wers west what when whom wice wich wide wife wigs wild will wims wind wine wing wins wire wise wish with "
    "wled wned wner wood wool word wore work wrap wyer xact xams xide xing xist xity xtra yard yarn ycle yday year "
    "yees yers ygen ying yles ymes yoga yond yone yons your ypes yrup ysis ytes zels zens zero zers zine zing zles "
    "zzas zzes zzle"
)
