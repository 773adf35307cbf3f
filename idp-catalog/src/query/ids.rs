//! Sets of entities, by their numbers.

/// Numbers of entities: ascending, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ids(Vec<u32>);

impl Ids {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn insert(&mut self, id: u32) {
        match self.0.last() {
            Some(last) if *last >= id => {
                if let Err(at) = self.0.binary_search(&id) {
                    self.0.insert(at, id);
                }
            }
            _ => self.0.push(id),
        }
    }

    pub(crate) fn remove(&mut self, id: u32) {
        if let Ok(at) = self.0.binary_search(&id) {
            self.0.remove(at);
        }
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.0.retain(|id| keep(*id));
    }

    /// What is in one of several.
    pub(crate) fn union<'i>(sets: impl IntoIterator<Item = &'i Self>) -> Self {
        let mut sets = sets.into_iter();
        let (Some(first), second) = (sets.next(), sets.next()) else { return Self::default() };
        let Some(second) = second else { return first.clone() };
        let all = [first, second].into_iter().chain(sets);
        let mut ids: Vec<u32> = all.flat_map(|set| &set.0).copied().collect();
        // The sort finds the runs that are sorted already.
        ids.sort();
        ids.dedup();
        Self(ids)
    }

    /// What is in both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let (small, large) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        let mut rest = &large.0[..];
        let mut out = Vec::with_capacity(small.len());
        for id in &small.0 {
            rest = &rest[rest.partition_point(|other| other < id)..];
            if rest.first() == Some(id) {
                out.push(*id);
            }
        }
        Self(out)
    }

    /// What is in this one alone.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        let mut rest = &other.0[..];
        let mut out = Vec::with_capacity(self.len().saturating_sub(other.len()));
        for id in &self.0 {
            rest = &rest[rest.partition_point(|other| other < id)..];
            if rest.first() != Some(id) {
                out.push(*id);
            }
        }
        Self(out)
    }
}

impl FromIterator<u32> for Ids {
    fn from_iter<I: IntoIterator<Item = u32>>(ids: I) -> Self {
        let mut ids: Vec<u32> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }
}

impl IntoIterator for Ids {
    type Item = u32;
    type IntoIter = std::vec::IntoIter<u32>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<const N: usize>(ids: [u32; N]) -> Ids {
        ids.into_iter().collect()
    }

    #[test]
    fn set_algebra() {
        assert_eq!(Ids::union([&ids([1, 3]), &ids([1, 2, 9]), &ids([0])]), ids([0, 1, 2, 3, 9]));
        assert_eq!(Ids::union([]), ids([]));
        assert_eq!(ids([1, 3, 9]).intersection(&ids([1, 2, 9])), ids([1, 9]));
        assert_eq!(ids([1, 3, 9]).difference(&ids([3])), ids([1, 9]));
    }

    #[test]
    fn one_by_one() {
        let mut set = ids([]);
        for id in [5, 1, 5, 9, 3] {
            set.insert(id);
        }
        set.remove(9);
        set.remove(7);
        assert_eq!(set, ids([1, 3, 5]));
    }
}
