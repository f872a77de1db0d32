//! Tuples as nested pairs, which code can walk along, and back.

/// A tuple of one to six, which can be walked along as nested pairs.
pub trait Nest {
    /// The pairs, with `()` at the end.
    type Nested;

    /// Turns it into pairs.
    fn nest(self) -> Self::Nested;
}

/// Nested pairs that were a tuple.
pub trait Flat {
    /// The tuple.
    type Flat;

    /// Turns them into the tuple.
    fn flat(self) -> Self::Flat;
}

impl<A> Nest for (A,) {
    type Nested = (A, ());

    fn nest(self) -> Self::Nested {
        (self.0, ())
    }
}

impl<A, B> Nest for (A, B) {
    type Nested = (A, (B, ()));

    fn nest(self) -> Self::Nested {
        let (a, b) = self;
        (a, (b, ()))
    }
}

impl<A, B, C> Nest for (A, B, C) {
    type Nested = (A, (B, (C, ())));

    fn nest(self) -> Self::Nested {
        let (a, b, c) = self;
        (a, (b, (c, ())))
    }
}

impl<A, B, C, D> Nest for (A, B, C, D) {
    type Nested = (A, (B, (C, (D, ()))));

    fn nest(self) -> Self::Nested {
        let (a, b, c, d) = self;
        (a, (b, (c, (d, ()))))
    }
}

impl<A, B, C, D, E> Nest for (A, B, C, D, E) {
    type Nested = (A, (B, (C, (D, (E, ())))));

    fn nest(self) -> Self::Nested {
        let (a, b, c, d, e) = self;
        (a, (b, (c, (d, (e, ())))))
    }
}

impl<A, B, C, D, E, F> Nest for (A, B, C, D, E, F) {
    type Nested = (A, (B, (C, (D, (E, (F, ()))))));

    fn nest(self) -> Self::Nested {
        let (a, b, c, d, e, f) = self;
        (a, (b, (c, (d, (e, (f, ()))))))
    }
}

impl<A> Flat for (A, ()) {
    type Flat = (A,);

    fn flat(self) -> Self::Flat {
        (self.0,)
    }
}

impl<A, B> Flat for (A, (B, ())) {
    type Flat = (A, B);

    fn flat(self) -> Self::Flat {
        let (a, (b, ())) = self;
        (a, b)
    }
}

impl<A, B, C> Flat for (A, (B, (C, ()))) {
    type Flat = (A, B, C);

    fn flat(self) -> Self::Flat {
        let (a, (b, (c, ()))) = self;
        (a, b, c)
    }
}

impl<A, B, C, D> Flat for (A, (B, (C, (D, ())))) {
    type Flat = (A, B, C, D);

    fn flat(self) -> Self::Flat {
        let (a, (b, (c, (d, ())))) = self;
        (a, b, c, d)
    }
}

impl<A, B, C, D, E> Flat for (A, (B, (C, (D, (E, ()))))) {
    type Flat = (A, B, C, D, E);

    fn flat(self) -> Self::Flat {
        let (a, (b, (c, (d, (e, ()))))) = self;
        (a, b, c, d, e)
    }
}

impl<A, B, C, D, E, F> Flat for (A, (B, (C, (D, (E, (F, ())))))) {
    type Flat = (A, B, C, D, E, F);

    fn flat(self) -> Self::Flat {
        let (a, (b, (c, (d, (e, (f, ())))))) = self;
        (a, b, c, d, e, f)
    }
}
