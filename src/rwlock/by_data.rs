//! `Serialize` and `Deserialize` of a lock, as of its data.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::task;
use super::thread;

/// Serializes the data under a read lock, for which the thread may block. With the feature `serde`.
impl<T: ?Sized + Serialize> Serialize for thread::RwLock<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (*self.read()).serialize(serializer)
    }
}

/// Serializes the data under a read lock, for which the thread may block. With the feature `serde`.
impl<T: ?Sized + Serialize> Serialize for task::RwLock<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_thread().serialize(serializer)
    }
}

/// Creates an unlocked lock around the deserialized data. With the feature `serde`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for thread::RwLock<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

/// Creates an unlocked lock around the deserialized data. With the feature `serde`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for task::RwLock<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}
