//! How the named futures around a wait in a line are declared.

/// Declares a future around a wait in a line, with its generic parameters and how they are named
/// in use; the closure makes the output of what the wait hands back.
macro_rules! waits {
    (
        $(#[$meta:meta])*
        $Name:ident [$($params:tt)*] [$($args:tt)*] ($Wait:ty $(, $count:ident: usize)?) -> $Output:ty,
        |$place:ident| $ready:expr
    ) => {
        ::pin_project_lite::pin_project! {
            $(#[$meta])*
            #[must_use = "futures do nothing unless polled"]
            pub struct $Name<$($params)*> {
                #[pin]
                wait: $Wait,
                $($count: usize,)?
            }
        }

        impl<$($params)*> $Name<$($args)*> {
            pub(super) fn new(wait: $Wait $(, $count: usize)?) -> Self {
                Self { wait $(, $count)? }
            }
        }

        impl<$($params)*> ::core::future::Future for $Name<$($args)*> {
            type Output = $Output;

            #[inline]
            fn poll(
                self: ::core::pin::Pin<&mut Self>,
                context: &mut ::core::task::Context<'_>,
            ) -> ::core::task::Poll<$Output> {
                let this = self.project();
                $(let $count = *this.$count;)?
                let $place = ::core::task::ready!($crate::identity::budget::poll(this.wait, context));
                ::core::task::Poll::Ready($ready)
            }
        }

        impl<$($params)*> ::core::fmt::Debug for $Name<$($args)*> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($Name)).finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use waits;
