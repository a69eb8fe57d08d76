"""A case for each rule of the table: what is stated, and what the rule concludes; None is a contradiction."""

from __future__ import annotations

ONE, ZERO = '"1"^^xsd:nonNegativeInteger', '"0"^^xsd:nonNegativeInteger'

CASES: dict[str, tuple[str, str | None]] = {
    # equality
    "eq-ref": (":a :p :b .", ":a owl:sameAs :a ."),
    "eq-sym": (":a owl:sameAs :b .", ":b owl:sameAs :a ."),
    "eq-trans": (":a owl:sameAs :b . :b owl:sameAs :c .", ":a owl:sameAs :c ."),
    "eq-rep-s": (":a owl:sameAs :b ; :p :o .", ":b :p :o ."),
    "eq-rep-p": (":p owl:sameAs :q . :a :p :o .", ":a :q :o ."),
    "eq-rep-o": (":a owl:sameAs :b . :s :p :a .", ":s :p :b ."),
    "eq-diff1": (":a owl:sameAs :b ; owl:differentFrom :b .", None),
    "eq-diff2": ("[ a owl:AllDifferent ; owl:members ( :a :b :c ) ] . :c owl:sameAs :b .", None),
    "eq-diff3": ("[ a owl:AllDifferent ; owl:distinctMembers ( :a :b :c ) ] . :a owl:sameAs :c .", None),
    # properties
    "prp-ap": (":a rdfs:label 'x' .", "rdfs:label a owl:AnnotationProperty ."),
    "prp-dom": (":p rdfs:domain :C . :a :p :b .", ":a a :C ."),
    "prp-rng": (":p rdfs:range :C . :a :p :b .", ":b a :C ."),
    "prp-fp": (":p a owl:FunctionalProperty . :a :p :b , :c .", ":b owl:sameAs :c ."),
    "prp-ifp": (":p a owl:InverseFunctionalProperty . :a :p :c . :b :p :c .", ":a owl:sameAs :b ."),
    "prp-irp": (":p a owl:IrreflexiveProperty . :a :p :a .", None),
    "prp-symp": (":p a owl:SymmetricProperty . :a :p :b .", ":b :p :a ."),
    "prp-asyp": (":p a owl:AsymmetricProperty . :a :p :b . :b :p :a .", None),
    "prp-trp": (":p a owl:TransitiveProperty . :a :p :b . :b :p :c .", ":a :p :c ."),
    "prp-spo1": (":p rdfs:subPropertyOf :q . :a :p :b .", ":a :q :b ."),
    "prp-spo2": (
        ":p owl:propertyChainAxiom ( :q :r :s :t ) . :a :q :b . :b :r :c . :c :s :d . :d :t :e .",
        ":a :p :e .",
    ),
    "prp-eqp1": (":p owl:equivalentProperty :q . :a :p :b .", ":a :q :b ."),
    "prp-eqp2": (":p owl:equivalentProperty :q . :a :q :b .", ":a :p :b ."),
    "prp-pdw": (":p owl:propertyDisjointWith :q . :a :p :b ; :q :b .", None),
    "prp-adp": ("[ a owl:AllDisjointProperties ; owl:members ( :p :q :r ) ] . :a :p :b ; :r :b .", None),
    "prp-inv1": (":p owl:inverseOf :q . :a :p :b .", ":b :q :a ."),
    "prp-inv2": (":p owl:inverseOf :q . :a :q :b .", ":b :p :a ."),
    "prp-key": (
        ":C owl:hasKey ( :p :q :r ) . :a a :C ; :p :x ; :q 'y' ; :r :z . :b a :C ; :p :x ; :q 'y' ; :r :z .",
        ":a owl:sameAs :b .",
    ),
    "prp-npa1": (
        ":n owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b . :a :p :b .",
        None,
    ),
    "prp-npa2": (
        ":n owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue 5 . :a :p 5 .",
        None,
    ),
    # classes
    "cls-thing": (":a :p :b .", "owl:Thing a owl:Class ."),
    "cls-nothing1": (":a :p :b .", "owl:Nothing a owl:Class ."),
    "cls-nothing2": (":a a owl:Nothing .", None),
    "cls-int1": (":C owl:intersectionOf ( :D :E :F ) . :a a :D , :E , :F .", ":a a :C ."),
    "cls-int2": (":C owl:intersectionOf ( :D :E :F ) . :a a :C .", ":a a :E ."),
    "cls-uni": (":C owl:unionOf ( :D :E :F ) . :a a :F .", ":a a :C ."),
    "cls-com": (":C owl:complementOf :D . :a a :C , :D .", None),
    "cls-svf1": (":R owl:someValuesFrom :C ; owl:onProperty :p . :a :p :b . :b a :C .", ":a a :R ."),
    "cls-svf2": (":R owl:someValuesFrom owl:Thing ; owl:onProperty :p . :a :p :b .", ":a a :R ."),
    "cls-avf": (":R owl:allValuesFrom :C ; owl:onProperty :p . :a a :R ; :p :b .", ":b a :C ."),
    "cls-hv1": (":R owl:hasValue :v ; owl:onProperty :p . :a a :R .", ":a :p :v ."),
    "cls-hv2": (":R owl:hasValue :v ; owl:onProperty :p . :a :p :v .", ":a a :R ."),
    "cls-maxc1": (f":R owl:maxCardinality {ZERO} ; owl:onProperty :p . :a a :R ; :p :b .", None),
    "cls-maxc2": (
        f":R owl:maxCardinality {ONE} ; owl:onProperty :p . :a a :R ; :p :b , :c .",
        ":b owl:sameAs :c .",
    ),
    "cls-maxqc1": (
        f":R owl:maxQualifiedCardinality {ZERO} ; owl:onProperty :p ; owl:onClass :C ."
        " :a a :R ; :p :b . :b a :C .",
        None,
    ),
    "cls-maxqc2": (
        f":R owl:maxQualifiedCardinality {ZERO} ; owl:onProperty :p ; owl:onClass owl:Thing ."
        " :a a :R ; :p :b .",
        None,
    ),
    "cls-maxqc3": (
        f":R owl:maxQualifiedCardinality {ONE} ; owl:onProperty :p ; owl:onClass :C ."
        " :a a :R ; :p :b , :c . :b a :C . :c a :C .",
        ":b owl:sameAs :c .",
    ),
    "cls-maxqc4": (
        f":R owl:maxQualifiedCardinality {ONE} ; owl:onProperty :p ; owl:onClass owl:Thing ."
        " :a a :R ; :p :b , :c .",
        ":b owl:sameAs :c .",
    ),
    "cls-oo": (":C owl:oneOf ( :a :b :c ) .", ":c a :C ."),
    # class axioms
    "cax-sco": (":C rdfs:subClassOf :D . :a a :C .", ":a a :D ."),
    "cax-eqc1": (":C owl:equivalentClass :D . :a a :C .", ":a a :D ."),
    "cax-eqc2": (":C owl:equivalentClass :D . :a a :D .", ":a a :C ."),
    "cax-dw": (":C owl:disjointWith :D . :a a :C , :D .", None),
    "cax-adc": ("[ a owl:AllDisjointClasses ; owl:members ( :C :D :E ) ] . :a a :D , :E .", None),
    # datatypes
    "dt-type1": (":p rdfs:range xsd:date .", "xsd:date a rdfs:Datatype ."),
    "dt-type2": (
        ":R owl:someValuesFrom xsd:integer ; owl:onProperty :p . :a :p 5 .",
        ":a a :R .",
    ),
    "dt-eq": (":a :p 1 . :b :q 1.0 .", ":a :p 1.0 ."),
    "dt-diff": (":p a owl:FunctionalProperty . :a :p 1 , 2 .", None),
    "dt-not-type": (":p rdfs:range xsd:integer . :a :p 'x' .", None),
    "dt-not-type/lexical": (":a :p 'x'^^xsd:integer .", None),
    # schema
    "scm-cls": (":C a owl:Class .", ":C rdfs:subClassOf :C , owl:Thing ; owl:equivalentClass :C ."),
    "scm-sco": (":C rdfs:subClassOf :D . :D rdfs:subClassOf :E .", ":C rdfs:subClassOf :E ."),
    "scm-eqc1": (":C owl:equivalentClass :D .", ":D rdfs:subClassOf :C ."),
    "scm-eqc2": (":C rdfs:subClassOf :D . :D rdfs:subClassOf :C .", ":C owl:equivalentClass :D ."),
    "scm-op": (":p a owl:ObjectProperty .", ":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p ."),
    "scm-dp": (":p a owl:DatatypeProperty .", ":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p ."),
    "scm-spo": (":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .", ":p rdfs:subPropertyOf :r ."),
    "scm-eqp1": (":p owl:equivalentProperty :q .", ":q rdfs:subPropertyOf :p ."),
    "scm-eqp2": (":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p .", ":p owl:equivalentProperty :q ."),
    "scm-dom1": (":p rdfs:domain :C . :C rdfs:subClassOf :D .", ":p rdfs:domain :D ."),
    "scm-dom2": (":q rdfs:domain :C . :p rdfs:subPropertyOf :q .", ":p rdfs:domain :C ."),
    "scm-rng1": (":p rdfs:range :C . :C rdfs:subClassOf :D .", ":p rdfs:range :D ."),
    "scm-rng2": (":q rdfs:range :C . :p rdfs:subPropertyOf :q .", ":p rdfs:range :C ."),
    "scm-hv": (
        ":R owl:hasValue :v ; owl:onProperty :p . :S owl:hasValue :v ; owl:onProperty :q ."
        " :p rdfs:subPropertyOf :q .",
        ":R rdfs:subClassOf :S .",
    ),
    "scm-svf1": (
        ":R owl:someValuesFrom :C ; owl:onProperty :p . :S owl:someValuesFrom :D ; owl:onProperty :p ."
        " :C rdfs:subClassOf :D .",
        ":R rdfs:subClassOf :S .",
    ),
    "scm-svf2": (
        ":R owl:someValuesFrom :C ; owl:onProperty :p . :S owl:someValuesFrom :C ; owl:onProperty :q ."
        " :p rdfs:subPropertyOf :q .",
        ":R rdfs:subClassOf :S .",
    ),
    "scm-avf1": (
        ":R owl:allValuesFrom :C ; owl:onProperty :p . :S owl:allValuesFrom :D ; owl:onProperty :p ."
        " :C rdfs:subClassOf :D .",
        ":R rdfs:subClassOf :S .",
    ),
    "scm-avf2": (
        ":R owl:allValuesFrom :C ; owl:onProperty :p . :S owl:allValuesFrom :C ; owl:onProperty :q ."
        " :p rdfs:subPropertyOf :q .",
        ":S rdfs:subClassOf :R .",
    ),
    "scm-int": (":C owl:intersectionOf ( :D :E ) .", ":C rdfs:subClassOf :E ."),
    "scm-uni": (":C owl:unionOf ( :D :E ) .", ":E rdfs:subClassOf :C ."),
}
