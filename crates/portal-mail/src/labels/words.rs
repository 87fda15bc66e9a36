//! The label words by field. One word per label, written as [`crate::text::key`] writes it.

use crate::labels::table::Field;

/// Every known label.
pub(crate) const WORDS: &[(Field, &str)] = &[
    (
        Field::Salutation,
        "anrede geschlecht salutation civilite titolo appellativo tratamiento gender formofaddress formuledepolitesse",
    ),
    (Field::Title, "titel akademischertitel title akadtitel titre"),
    (Field::FirstName, "vorname vornamen rufname prenom prenoms nome firstname givenname nombre"),
    (
        Field::LastName,
        "nachname familienname zuname nom nomdefamille cognome lastname surname familyname apellido apellidos",
    ),
    (
        Field::Name,
        "name vorundnachname vorundzuname vornamename vornamenachname interessent \
        interessentin interessentinnen anfragender anfragende anfragesteller anfragestellerin kontakt kontaktperson \
        anfragevon kontaktname kundenname kunde absender absendername vollstandigername ganzername fullname yourname \
        prenometnom prenomnom nomcomplet nomecognome nomeecognome \
        nominativo nombreyapellidos nombrecompleto contact contactname enquirer inquirer sender expediteur \
        nomecompleto mittente remitente namedesinteressenten contatto contacto",
    ),
    (
        Field::NameLastFirst,
        "namevorname nachnamevorname nameundvorname nachnameundvorname nometprenom nomprenom cognomeenome cognomenome apellidosynombre",
    ),
    (Field::Writer, "von from da de"),
    (
        Field::Company,
        "firma firmenname unternehmen company companyname entreprise societe azienda empresa organisation raisonsociale ditta",
    ),
    (
        Field::Email,
        "email emailadresse mail mailadresse emailaddress adresseemail adressemail courriel adressedecourriel \
        indirizzoemail postaelettronica correo correoelectronico direcciondecorreo emaildesinteressenten mailto emailadr \
        adresseelectronique indirizzodipostaelettronica adressecourriel emailid kontaktemail",
    ),
    (
        Field::Phone,
        "telefon telefonnummer telefonnr tel telnr telp telg telefonp telefong telprivat telgeschaft telefonprivat telefontagsuber telefongeschaftlich rufnummer \
        phone phonenumber telephone telephonenumber telephonefixe numerodetelephone ndetelephone ntelephone notelephone numeroditelefono \
        telefono telefononumero numerodetelefono telefonodecontacto fon fixnet festnetz festnetznummer ruckrufnummer \
        telefonfestnetz telephoneprive telefax2 contactnumber kontakttelefon nditelefono recapitotelefonico",
    ),
    (
        Field::Mobile,
        "mobil mobiltelefon mobilnummer mobilnr handy handynummer handynr natel mobile mobilephone mobilenumber \
        cellphone portable telephoneportable telephonemobile natelnr cellulare telefonomobile movil telefonomovil telefonmobil \
        mobiltel telmobil telm numerodeportable",
    ),
    (
        Field::Street,
        "strasse str strassehausnr strassehausnummer strassenr strassenummer strasseundhausnummer rue \
        rueetnumero via viaenumero street calle streetaddress strassehnr strasseundnr ruenumero",
    ),
    (Field::HouseNumber, "hausnummer hausnr housenumber numerocivico"),
    (Field::Zip, "plz postleitzahl zip zipcode postcode postalcode codepostal npa cap codigopostal cp"),
    (Field::City, "ort wohnort stadt city town ville localite citta localita ciudad poblacion gemeinde"),
    (
        Field::ZipCity,
        "plzort plzundort plzstadt plzwohnort postleitzahlort npalocalite npalieu capcitta caplocalita zipcity \
        codepostalville cpville postleitzahlundort postcodecity codepostaletville npaville",
    ),
    (Field::Address, "adresse anschrift address indirizzo direccion wohnadresse postadresse adressepostale"),
    (
        Field::PropertyAddress,
        "objektadresse objektanschrift adressedesobjekts adressederimmobilie adressedesobjektes immobilienadresse \
        lage standort objektort objektlage propertyaddress location adressedubien adressedelobjet situation \
        emplacement indirizzodelloggetto indirizzodellimmobile ubicacion direcciondelinmueble lagedesobjekts objektstandort",
    ),
    (
        Field::ExternalNumber,
        "objektnr objektnummer objektid objektkennung externeobjektnummer externeobjektnr externeid anbieterobjektid \
        anbieterobjektnr referenz referenznummer referenznr refnr refnummer ref kennung ihreobjektnummer ihreobjektnr \
        ihrereferenz anbieterkennung immobiliennummer immobiliennr interneobjektnummer interneid internenummer reference \
        referencenumber referenceno referenceid referenceagence referencedubien numerodereference nref nreference \
        riferimento numerodiriferimento rif rifannuncio codiceriferimento codicerif referencia referenciadelanuncio \
        votrereference objectnumber propertyreference propertyid propertynumber yourreference refexterne referenceexterne \
        referenzdesobjekts objektreferenz objreferenz objnr objektnrdesanbieters externereferenz externalreference externalid \
        maklerobjektnummer ihreimmobiliennummer agenturreferenz numerodobjet ndobjet codiceimmobile referenceannonce referencedelannonce",
    ),
    (
        Field::PortalObjectId,
        "scoutid onlineid willhabencode code anzeigennummer anzeigenid anzeigennr immobilienid inseratid inseratenummer \
        inseratnummer inseratnr inseratsnummer inseratsid inserateid exposeid exposenummer exposenr portalid listingid listingnumber adid adnumber annonceid \
        numerodannonce numerodelannonce idannonce idannuncio codiceannuncio numeroannuncio codigodelanuncio codigoanuncio \
        iddelanuncio propertycode adcode listingcode codicedellannuncio immoscoutid is24id homegateid immoweltid onlinenummer onlineobjektnummer ndannonce idinserzione \
        numeroinserzione immobilienscoutid immonetid derstandardcode webcode portalobjektid willhabenid findmyhomeid objectid",
    ),
    (
        Field::ExposeUrl,
        "link exposelink linkzumexpose linkzurimmobilie linkzuminserat linkzuranzeige linkzumobjekt url expose \
        exposeurl inseratlink anzeigenlink objektlink lienverslannonce lien linkallannuncio enlace listingurl \
        propertylink linktotheproperty direktlink linkdelannuncio",
    ),
    (
        Field::Message,
        "nachricht mitteilung anmerkung anmerkungen anfrage anfragetext text kommentar bemerkung bemerkungen freitext \
        nachrichttext nachrichtdesinteressenten nachrichtvominteressenten ihrenachricht deinenachricht mitteilungstext \
        message yourmessage votremessage tonmessage commentaire commentaires remarque remarques demande texte messaggio \
        iltuomessaggio ilsuomessaggio testo testodelmessaggio commento richiesta mensaje tumensaje sumensaje comentario \
        comentarios comment comments enquiry inquiry enquirytext remarks anliegen zusatzlichenachricht \
        nachrichtandenanbieter personlichenachricht nachrichtihrerinteressentinnen nachrichtihresinteressenten nachrichtihrerinteressenten \
        nachrichtihrerinteressentin anmerkungenfragendesinteressenten anmerkungenfragen fragendesinteressenten textderanfrage wortlaut",
    ),
    (
        Field::PropertyFact,
        "bienconcerne objekt immobilie objekttitel titeldesobjekts titelderanzeige objektbezeichnung bezeichnung objektart immobilienart immobilientyp \
        objekttyp kaufpreis preis miete kaltmiete warmmiete gesamtmiete nettomiete bruttomiete zimmer zimmeranzahl anzahlzimmer wohnflache \
        flache grundstucksflache nutzflache etage inserat anzeige inseratstitel anzeigentitel vermarktungsart property bien objet titredelannonce \
        prix loyer pieces surface oggetto immobile prezzo affitto locali superficie precio habitaciones inmueble anuncio rent price rooms livingspace \
        propertytitle listing annonce annuncio betrifft nutzungsart baujahr verfugbarab bezugsfrei typedebien typ categorie kategorie",
    ),
    (
        Field::PersonFact,
        "fax telefax faxnummer land country pays paese pais geburtsdatum nationalitat staatsangehorigkeit sprache kundennummer \
        kontaktart bevorzugtekontaktart bevorzugterkontakt erreichbarkeit erreichbar ruckruf langue lingua kontaktwunsch gewunschterkontakt \
        wunsch wunsche interessean interesse anrufgewunscht besichtigunggewunscht",
    ),
    (
        Field::Other,
        "datum date data fecha uhrzeit zeit eingegangenam anfragedatum gesendetam betreff subject objetdumail an gesendet \
        anfragenummer anfrageid anfragenr ip ipadresse portal quelle source provenance herkunft datumderanfrage anfragevom status kundenid anbieter anbieternummer \
        anbieterid anbieternr maklernummer ansprechpartner ansprechpartnerin ihransprechpartner bearbeiter betreuer makler agent conseiller newsletter datenschutz einwilligung agb \
        leadid requestid vorgangsnummer ticket ticketnummer transaktionsnummer",
    ),
];
